using System.Collections.Immutable;
using Orca.Model.Prompting.Jinja.Library;
using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Tree;

/// <summary>What a value is assigned to: a variable, a variable of a namespace, or several at once.</summary>
internal abstract class AssignmentTarget
{
    /// <exception cref="JinjaException">It cannot take the value.</exception>
    public abstract void Assign(Frame frame, JinjaValue value);
}

/// <summary>A variable.</summary>
internal sealed class VariableTarget(string name) : AssignmentTarget
{
    public override void Assign(Frame frame, JinjaValue value) => frame.Set(name, value);
}

/// <summary>A variable of a namespace.</summary>
internal sealed class NamespaceTarget(string name, string variable) : AssignmentTarget
{
    public override void Assign(Frame frame, JinjaValue value)
    {
        if (frame.Find(name) is not NamespaceValue target)
        {
            throw new JinjaException($"'{name}' is no namespace, so that '{name}.{variable}' cannot be set");
        }

        target.Variables[variable] = value;
    }
}

/// <summary>Several targets, for as many values.</summary>
internal sealed class TupleTarget(ImmutableArray<AssignmentTarget> targets) : AssignmentTarget
{
    public override void Assign(Frame frame, JinjaValue value)
    {
        var values = Sequences.ItemsOf(frame.Context, value);
        if (values.Count != targets.Length)
        {
            throw new JinjaException($"{targets.Length} values were expected where there are {values.Count}");
        }

        for (var i = 0; i < targets.Length; i++)
        {
            targets[i].Assign(frame, values[i]);
        }
    }
}

/// <summary><c>set target = value</c>.</summary>
internal sealed class SetStatement(AssignmentTarget target, Expression value) : Statement
{
    protected override Flow Run(Frame frame, TemplateTextBuilder output)
    {
        target.Assign(frame, value.Evaluate(frame));
        return Flow.Next;
    }
}

/// <summary><c>set target</c> … <c>endset</c>: the value is what the body writes.</summary>
internal sealed class SetBlockStatement(AssignmentTarget target, Body body, Func<Expression, Expression> filters) : Statement
{
    protected override Flow Run(Frame frame, TemplateTextBuilder output)
    {
        var written = body.Capture(new Frame(frame.Context, frame));
        target.Assign(frame, filters(new ConstantExpression(written)).Evaluate(frame));
        return Flow.Next;
    }
}
