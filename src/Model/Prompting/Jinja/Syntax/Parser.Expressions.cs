using System.Collections.Immutable;
using Orca.Model.Prompting.Jinja.Tree;

namespace Orca.Model.Prompting.Jinja.Syntax;

/// <summary>The operators, from the loosest to the tightest.</summary>
internal sealed partial class Parser
{
    private static readonly string[] Comparators = ["==", "!=", "<", "<=", ">", ">="];

    private Expression ParseExpression() => Nested(ParseConditional);

    private Expression ParseConditional()
    {
        var value = ParseOr();
        while (TakeName("if"))
        {
            var condition = ParseOr();
            var other = TakeName("else") ? Nested(ParseConditional) : null;
            value = new ConditionalExpression(value, condition, other);
        }

        return value;
    }

    private Expression ParseOr()
    {
        var left = ParseAnd();
        while (TakeName("or"))
        {
            left = new OrExpression(left, ParseAnd());
        }

        return left;
    }

    private Expression ParseAnd()
    {
        var left = ParseNot();
        while (TakeName("and"))
        {
            left = new AndExpression(left, ParseNot());
        }

        return left;
    }

    private Expression ParseNot() => TakeName("not") ? new NotExpression(Nested(ParseNot)) : ParseComparison();

    private Expression ParseComparison()
    {
        var first = ParseSum();
        var rest = ImmutableArray.CreateBuilder<(string, Expression)>();
        while (Comparator() is { } symbol)
        {
            rest.Add((symbol, ParseSum()));
        }

        return rest.Count == 0 ? first : new ComparisonExpression(first, rest.DrainToImmutable());
    }

    private string? Comparator()
    {
        if (Current.Kind == TokenKind.Operator && Comparators.Contains(Current.Value))
        {
            return Take().Value;
        }

        if (TakeName("in"))
        {
            return "in";
        }

        if (Current.IsName("not") && Next.IsName("in"))
        {
            at += 2;
            return "not in";
        }

        return null;
    }

    private Expression ParseSum() => ParseLeft(ParseConcatenation, "+", "-");

    private Expression ParseConcatenation()
    {
        var parts = ImmutableArray.Create(ParseProduct());
        while (TakeOperator("~"))
        {
            parts = parts.Add(ParseProduct());
        }

        return parts is [var only] ? only : new ConcatenationExpression(parts);
    }

    private Expression ParseProduct() => ParseLeft(ParsePower, "*", "/", "//", "%");

    private Expression ParsePower() => ParseLeft(() => ParseUnary(withFilters: true), "**");

    private Expression ParseLeft(Func<Expression> operand, params string[] symbols)
    {
        var left = operand();
        while (Current.Kind == TokenKind.Operator && symbols.Contains(Current.Value))
        {
            left = new ArithmeticExpression(Take().Value, left, operand());
        }

        return left;
    }

    private Expression ParseUnary(bool withFilters)
    {
        var value = Current.IsOperator("-") || Current.IsOperator("+")
            ? new SignExpression(Take().Value == "-", Nested(() => ParseUnary(withFilters: false)))
            : ParsePrimary();
        value = ParsePostfix(value);
        return withFilters ? ParseFilters(value) : value;
    }
}
