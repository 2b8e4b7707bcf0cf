using System.Numerics;
using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Library;

/// <summary>Arithmetic by Python's rules: whole numbers stay whole and have any size, texts and lists are added and repeated.</summary>
internal static class Arithmetic
{
    // A whole number is no longer than this: conversations are no place for larger ones.
    private const long MaxIntegerBits = 4096;

    /// <summary>The result of an operation.</summary>
    /// <exception cref="JinjaException">The two values have none.</exception>
    public static JinjaValue Apply(RenderContext context, string symbol, JinjaValue left, JinjaValue right) => (symbol, left, right) switch
    {
        (_, UndefinedValue undefined, _) => throw undefined.Fault(),
        ("%", TextValue text, _) => context.Spent(PercentFormat.Write(context, text.Text, right)),
        (_, _, UndefinedValue undefined) => throw undefined.Fault(),
        ("+", TextValue a, TextValue b) => Join(context, a.Text, b.Text),
        ("+", ListValue a, ListValue b) when a.IsTuple == b.IsTuple => Join(context, a, b),
        ("*", TextValue or ListValue, _) when ValueComparison.WholeNumber(right) is { } count => Repeat(context, left, count),
        ("*", _, TextValue or ListValue) when ValueComparison.WholeNumber(left) is { } count => Repeat(context, right, count),
        _ => ValueComparison.IsNumber(left) && ValueComparison.IsNumber(right)
            ? OfNumbers(symbol, left, right)
            : throw new JinjaException($"'{symbol}' has no meaning between '{left.TypeName}' and '{right.TypeName}'"),
    };

    /// <summary>A number with its sign kept or turned.</summary>
    /// <exception cref="JinjaException">It is no number.</exception>
    public static JinjaValue Sign(bool negates, JinjaValue value) => value switch
    {
        FloatValue real => new FloatValue(negates ? -real.Value : real.Value),
        UndefinedValue undefined => throw undefined.Fault(),
        _ => ValueComparison.WholeNumber(value) is { } number
            ? new IntegerValue(negates ? -number : number)
            : throw new JinjaException($"a value of type '{value.TypeName}' has no sign"),
    };

    /// <summary>A number as a floating-point one.</summary>
    public static double ToDouble(JinjaValue number) =>
        number is FloatValue real ? real.Value : (double)ValueComparison.WholeNumber(number)!.Value;

    private static TextValue Join(RenderContext context, TemplateText left, TemplateText right)
    {
        context.SpendText(left.Value.Length + right.Value.Length);
        return new TextValue(left.Concat(right));
    }

    private static ListValue Join(RenderContext context, ListValue left, ListValue right)
    {
        context.Spend(left.Items.Count + right.Items.Count);
        return new ListValue([.. left.Items, .. right.Items], left.IsTuple);
    }

    private static JinjaValue Repeat(RenderContext context, JinjaValue value, BigInteger times)
    {
        var count = (int)BigInteger.Clamp(times, 0, int.MaxValue);
        if (value is ListValue list)
        {
            context.Spend((long)count * Math.Max(1, list.Items.Count));
            return new ListValue([.. Enumerable.Repeat(list.Items, count).SelectMany(items => items)], list.IsTuple);
        }

        var text = ((TextValue)value).Text;
        context.SpendText((long)count * text.Value.Length);
        context.Spend(text.Value.Length == 0 ? 0 : count);
        var repeated = new TemplateTextBuilder();
        for (var i = 0; i < count && text.Value.Length > 0; i++)
        {
            repeated.Append(text);
        }

        return new TextValue(repeated.ToText());
    }

    private static JinjaValue OfNumbers(string symbol, JinjaValue left, JinjaValue right)
    {
        if (symbol != "/" && ValueComparison.WholeNumber(left) is { } a && ValueComparison.WholeNumber(right) is { } b && !(symbol == "**" && b < 0))
        {
            var result = OfIntegers(symbol, a, b);
            return result.GetBitLength() <= MaxIntegerBits ? new IntegerValue(result) : throw TooLarge();
        }

        return new FloatValue(OfFloats(symbol, ToDouble(left), ToDouble(right)));
    }

    private static BigInteger OfIntegers(string symbol, BigInteger a, BigInteger b) => symbol switch
    {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "//" => FloorDivide(a, NotZero(b)),
        "%" => a - (FloorDivide(a, NotZero(b)) * b),
        "**" when a.GetBitLength() * (double)b <= MaxIntegerBits => BigInteger.Pow(a, (int)b),
        _ => throw TooLarge(),
    };

    private static double OfFloats(string symbol, double a, double b) => symbol switch
    {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => b == 0 ? throw ByZero() : a / b,
        "//" => b == 0 ? throw ByZero() : Math.Floor(a / b),
        "%" => b == 0 ? throw ByZero() : Modulo(a, b),
        _ => Math.Pow(a, b),
    };

    // The sign is the divisor's, as in Python.
    private static double Modulo(double a, double b)
    {
        var rest = a % b;
        return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
    }

    private static BigInteger FloorDivide(BigInteger a, BigInteger b)
    {
        var quotient = BigInteger.DivRem(a, b, out var rest);
        return !rest.IsZero && (rest.Sign < 0) != (b.Sign < 0) ? quotient - 1 : quotient;
    }

    private static BigInteger NotZero(BigInteger divisor) => divisor.IsZero ? throw ByZero() : divisor;

    private static JinjaException ByZero() => new("division by zero");

    private static JinjaException TooLarge() => new($"a whole number of more than {MaxIntegerBits} bits");
}
