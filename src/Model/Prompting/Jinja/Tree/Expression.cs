using System.Collections.Immutable;
using Orca.Model.Prompting.Jinja.Library;
using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Tree;

/// <summary>A part of a template that has a value.</summary>
internal abstract class Expression
{
    /// <summary>Its value.</summary>
    /// <exception cref="JinjaException">It has none.</exception>
    public JinjaValue Evaluate(Frame frame)
    {
        frame.Context.Spend();
        RenderContext.GuardStack();
        return Compute(frame);
    }

    protected abstract JinjaValue Compute(Frame frame);
}

/// <summary>A value written in the template.</summary>
internal sealed class ConstantExpression(JinjaValue value) : Expression
{
    public JinjaValue Value => value;

    protected override JinjaValue Compute(Frame frame) => value;
}

/// <summary>A variable.</summary>
internal sealed class VariableExpression(string name) : Expression
{
    public string Name => name;

    protected override JinjaValue Compute(Frame frame) =>
        frame.Find(name) ?? Functions.Find(name) ?? (JinjaValue)new UndefinedValue($"'{name}' is undefined");
}

/// <summary>A list or a tuple.</summary>
internal sealed class ListExpression(ImmutableArray<Expression> items, bool isTuple) : Expression
{
    public ImmutableArray<Expression> Items => items;

    protected override JinjaValue Compute(Frame frame) => new ListValue([.. items.Select(item => item.Evaluate(frame))], isTuple);
}

/// <summary>A dictionary.</summary>
internal sealed class DictionaryExpression(ImmutableArray<(Expression Key, Expression Value)> entries) : Expression
{
    protected override JinjaValue Compute(Frame frame) =>
        new DictionaryValue([.. entries.Select(entry => KeyValuePair.Create(entry.Key.Evaluate(frame), entry.Value.Evaluate(frame)))]);
}

/// <summary><c>value.name</c>.</summary>
internal sealed class AttributeExpression(Expression target, string name) : Expression
{
    public Expression Target => target;

    public string Name => name;

    protected override JinjaValue Compute(Frame frame) => Members.Attribute(target.Evaluate(frame), name);
}

/// <summary><c>value[key]</c>.</summary>
internal sealed class ItemExpression(Expression target, Expression key) : Expression
{
    protected override JinjaValue Compute(Frame frame) => Members.Item(frame.Context, target.Evaluate(frame), key.Evaluate(frame));
}

/// <summary><c>value[start:stop:step]</c>.</summary>
internal sealed class SliceExpression(Expression target, Expression? start, Expression? stop, Expression? step) : Expression
{
    protected override JinjaValue Compute(Frame frame) => Members.Slice(
        frame.Context, target.Evaluate(frame), start?.Evaluate(frame), stop?.Evaluate(frame), step?.Evaluate(frame));
}
