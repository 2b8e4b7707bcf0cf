using System.Collections.Immutable;
using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Tree;

/// <summary>What happens behind a statement.</summary>
internal enum Flow
{
    /// <summary>The next one.</summary>
    Next,

    /// <summary>The loop ends.</summary>
    Break,

    /// <summary>The loop goes on with its next item.</summary>
    Continue,
}

/// <summary>A part of a template that writes, or changes variables.</summary>
internal abstract class Statement
{
    /// <summary>Does it.</summary>
    /// <exception cref="JinjaException">It cannot be done.</exception>
    public Flow Execute(Frame frame, TemplateTextBuilder output)
    {
        frame.Context.Spend();
        RenderContext.GuardStack();
        return Run(frame, output);
    }

    protected abstract Flow Run(Frame frame, TemplateTextBuilder output);
}

/// <summary>Statements one after the other.</summary>
internal sealed class Body(ImmutableArray<Statement> statements)
{
    public Flow Execute(Frame frame, TemplateTextBuilder output)
    {
        foreach (var statement in statements)
        {
            if (statement.Execute(frame, output) is var flow and not Flow.Next)
            {
                return flow;
            }
        }

        return Flow.Next;
    }

    /// <summary>What the statements write.</summary>
    public TextValue Capture(Frame frame)
    {
        var output = new TemplateTextBuilder();
        Execute(frame, output);
        return new TextValue(output.ToText());
    }
}

/// <summary>Text of the template's own.</summary>
internal sealed class DataStatement(string data) : Statement
{
    private readonly TemplateText text = TemplateText.OfTemplate(data);

    protected override Flow Run(Frame frame, TemplateTextBuilder output)
    {
        frame.Context.SpendText(data.Length);
        output.Append(text);
        RenderContext.CheckLength(output.Length);
        return Flow.Next;
    }
}

/// <summary><c>{{ value }}</c>.</summary>
internal sealed class PrintStatement(Expression value) : Statement
{
    protected override Flow Run(Frame frame, TemplateTextBuilder output)
    {
        var text = ValueText.Of(frame.Context, value.Evaluate(frame));
        frame.Context.SpendText(text.Value.Length);
        output.Append(text);
        RenderContext.CheckLength(output.Length);
        return Flow.Next;
    }
}

/// <summary><c>if</c>, with its <c>elif</c> and <c>else</c>.</summary>
internal sealed class IfStatement(ImmutableArray<(Expression Condition, Body Body)> branches, Body otherwise) : Statement
{
    protected override Flow Run(Frame frame, TemplateTextBuilder output)
    {
        foreach (var (condition, body) in branches)
        {
            if (condition.Evaluate(frame).IsTrue)
            {
                return body.Execute(frame, output);
            }
        }

        return otherwise.Execute(frame, output);
    }
}

/// <summary><c>break</c> or <c>continue</c>.</summary>
internal sealed class JumpStatement(Flow flow) : Statement
{
    protected override Flow Run(Frame frame, TemplateTextBuilder output) => flow;
}

/// <summary>Statements in a scope of their own: <c>with</c>, whose variables it sets first, and <c>generation</c>.</summary>
internal sealed class ScopeStatement(ImmutableArray<(AssignmentTarget Target, Expression Value)> variables, Body body) : Statement
{
    protected override Flow Run(Frame frame, TemplateTextBuilder output)
    {
        var inner = new Frame(frame.Context, frame);
        foreach (var (target, value) in variables)
        {
            target.Assign(inner, value.Evaluate(frame));
        }

        return body.Execute(inner, output);
    }
}

/// <summary><c>filter</c>: what its body writes goes through filters.</summary>
internal sealed class FilterStatement(Body body, Func<Expression, Expression> filters) : Statement
{
    protected override Flow Run(Frame frame, TemplateTextBuilder output)
    {
        var written = new ConstantExpression(body.Capture(new Frame(frame.Context, frame)));
        return new PrintStatement(filters(written)).Execute(frame, output);
    }
}
