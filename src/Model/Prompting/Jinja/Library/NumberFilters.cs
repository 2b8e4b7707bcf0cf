using System.Globalization;
using System.Numerics;
using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Library;

/// <summary>The filters that make and change numbers.</summary>
internal static class NumberFilters
{
    public static IEnumerable<KeyValuePair<string, Filter>> All => new Dictionary<string, Filter>
    {
        ["int"] = Int,
        ["float"] = Float,
        ["abs"] = Abs,
        ["round"] = Round,
    };

    private static JinjaValue Int(RenderContext context, JinjaValue value, CallArguments arguments)
    {
        var bound = arguments.Bind("int", "default", "base");
        var whole = value switch
        {
            TextValue text => PythonNumbers.ReadInteger(text.Value, Arguments.Whole(bound[1], "int", 10)) ?? Truncate(PythonNumbers.ReadFloat(text.Value)),
            FloatValue real => Truncate(real.Value),
            UndefinedValue undefined => throw undefined.Fault(),
            _ => ValueComparison.WholeNumber(value),
        };
        return whole is { } number ? new IntegerValue(number) : bound[0] ?? new IntegerValue(0);
    }

    private static JinjaValue Float(RenderContext context, JinjaValue value, CallArguments arguments)
    {
        var bound = arguments.Bind("float", "default");
        var real = value switch
        {
            TextValue text => PythonNumbers.ReadFloat(text.Value),
            UndefinedValue undefined => throw undefined.Fault(),
            _ => ValueComparison.IsNumber(value) ? Arithmetic.ToDouble(value) : null,
        };
        return real is { } number ? new FloatValue(number) : bound[0] ?? new FloatValue(0);
    }

    private static JinjaValue Abs(RenderContext context, JinjaValue value, CallArguments arguments) => value switch
    {
        FloatValue real => new FloatValue(Math.Abs(real.Value)),
        _ => new IntegerValue(BigInteger.Abs(ValueComparison.WholeNumber(value) ?? throw NoNumber("abs", value))),
    };

    private static JinjaValue Round(RenderContext context, JinjaValue value, CallArguments arguments)
    {
        var bound = arguments.Bind("round", "precision", "method");
        var precision = Math.Clamp(Arguments.Whole(bound[0], "round", 0), -300, 300);
        var method = Arguments.OptionalText(bound[1], "round") ?? "common";
        var scale = Math.Pow(10, precision);
        return (method, value) switch
        {
            ("common", FloatValue real) => new FloatValue(Nearest(real.Value, precision)),
            ("common", _) when precision >= 0 && ValueComparison.WholeNumber(value) is { } whole => new IntegerValue(whole),
            ("ceil" or "floor", _) when ValueComparison.IsNumber(value) => new FloatValue(
                (method == "ceil" ? Math.Ceiling(Arithmetic.ToDouble(value) * scale) : Math.Floor(Arithmetic.ToDouble(value) * scale)) / scale),
            ("common" or "ceil" or "floor", _) => throw NoNumber("round", value),
            _ => throw new JinjaException("'round' has the methods common, ceil and floor"),
        };
    }

    // To so many decimals of the number's exact value, halves to the even neighbour, as Python rounds.
    private static double Nearest(double value, int precision)
    {
        if (!double.IsFinite(value) || precision < 0)
        {
            var scale = Math.Pow(10, -precision);
            return double.IsFinite(value) ? Math.Round(value / scale) * scale : value;
        }

        return precision == 0
            ? Math.Round(value, MidpointRounding.ToEven)
            : double.Parse(value.ToString("F" + precision, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    private static BigInteger? Truncate(double? value) => value is { } real && double.IsFinite(real) ? new BigInteger(real) : null;

    private static JinjaException NoNumber(string filter, JinjaValue value) =>
        new($"'{filter}' needs a number, not a value of type '{value.TypeName}'");
}
