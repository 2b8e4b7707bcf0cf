using System.Collections.Immutable;
using Orca.Model.Prompting.Jinja.Library;
using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Tree;

/// <summary><c>not value</c>.</summary>
internal sealed class NotExpression(Expression operand) : Expression
{
    protected override JinjaValue Compute(Frame frame) => BooleanValue.Of(!operand.Evaluate(frame).IsTrue);
}

/// <summary><c>a and b</c>: the first that is false, else the last.</summary>
internal sealed class AndExpression(Expression left, Expression right) : Expression
{
    protected override JinjaValue Compute(Frame frame)
    {
        var first = left.Evaluate(frame);
        return first.IsTrue ? right.Evaluate(frame) : first;
    }
}

/// <summary><c>a or b</c>: the first that is true, else the last.</summary>
internal sealed class OrExpression(Expression left, Expression right) : Expression
{
    protected override JinjaValue Compute(Frame frame)
    {
        var first = left.Evaluate(frame);
        return first.IsTrue ? first : right.Evaluate(frame);
    }
}

/// <summary><c>value if condition else other</c>; undefined where there is no other.</summary>
internal sealed class ConditionalExpression(Expression value, Expression condition, Expression? other) : Expression
{
    protected override JinjaValue Compute(Frame frame) => condition.Evaluate(frame).IsTrue
        ? value.Evaluate(frame)
        : other?.Evaluate(frame) ?? new UndefinedValue("the inline if-expression evaluated to false and no else section was defined");
}

/// <summary>An arithmetic operation on two values.</summary>
internal sealed class ArithmeticExpression(string symbol, Expression left, Expression right) : Expression
{
    protected override JinjaValue Compute(Frame frame) =>
        Arithmetic.Apply(frame.Context, symbol, left.Evaluate(frame), right.Evaluate(frame));
}

/// <summary><c>-value</c> or <c>+value</c>.</summary>
internal sealed class SignExpression(bool negates, Expression operand) : Expression
{
    protected override JinjaValue Compute(Frame frame) => Arithmetic.Sign(negates, operand.Evaluate(frame));
}

/// <summary><c>a ~ b ~ c</c>: the values' texts, one after the other.</summary>
internal sealed class ConcatenationExpression(ImmutableArray<Expression> parts) : Expression
{
    protected override JinjaValue Compute(Frame frame)
    {
        var text = new TemplateTextBuilder();
        foreach (var part in parts)
        {
            var more = ValueText.Of(frame.Context, part.Evaluate(frame));
            frame.Context.SpendText(more.Value.Length);
            text.Append(more);
            RenderContext.CheckLength(text.Length);
        }

        return new TextValue(text.ToText());
    }
}

/// <summary><c>a &lt; b &lt;= c</c>: whether every neighbouring pair compares so.</summary>
internal sealed class ComparisonExpression(Expression first, ImmutableArray<(string Symbol, Expression Operand)> rest) : Expression
{
    protected override JinjaValue Compute(Frame frame)
    {
        var left = first.Evaluate(frame);
        foreach (var (symbol, operand) in rest)
        {
            var right = operand.Evaluate(frame);
            if (!Comparisons.Holds(frame.Context, symbol, left, right))
            {
                return BooleanValue.False;
            }

            left = right;
        }

        return BooleanValue.True;
    }
}
