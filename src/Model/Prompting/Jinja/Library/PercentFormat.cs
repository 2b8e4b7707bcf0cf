using System.Globalization;
using System.Numerics;
using Orca.Model.Prompting.Jinja.Values;
using Orca.Model.Tokenization;

namespace Orca.Model.Prompting.Jinja.Library;

/// <summary>
/// Python's <c>text % values</c> with the conversions s, r, d, i, f, x and %, a width, a precision, and the flags - and 0.
/// </summary>
internal static class PercentFormat
{
    private const int MaxWidth = 1000;

    /// <summary>The text with its values put in.</summary>
    /// <exception cref="JinjaException">It has another conversion, or the values do not match it.</exception>
    public static TemplateText Write(RenderContext context, TemplateText format, JinjaValue given)
    {
        var values = new Queue<JinjaValue>(given is ListValue { IsTuple: true } tuple ? tuple.Items : [given]);
        var text = new TemplateTextBuilder();
        var at = 0;
        for (var next = format.Value.IndexOf('%'); next >= 0; next = format.Value.IndexOf('%', at))
        {
            text.Append(format, new TextSpan(at, next - at));
            at = Convert(context, format.Value, next + 1, values, text);
            RenderContext.CheckLength(text.Length);
        }

        return values.Count == 0 || given is DictionaryValue
            ? text.Append(format, new TextSpan(at, format.Value.Length - at)).ToText()
            : throw new JinjaException("there are more values than the format has places for");
    }

    // Adds one conversion that begins at an index, and returns the index behind it.
    private static int Convert(RenderContext context, string format, int at, Queue<JinjaValue> values, TemplateTextBuilder text)
    {
        var (left, zeros) = (false, false);
        for (; at < format.Length && format[at] is '-' or '0'; at++)
        {
            (left, zeros) = (left || format[at] == '-', zeros || format[at] == '0');
        }

        var width = Number(format, ref at) ?? 0;
        int? precision = null;
        if (at < format.Length && format[at] == '.')
        {
            at++;
            precision = Number(format, ref at) ?? 0;
        }

        var conversion = at < format.Length ? format[at] : throw new JinjaException("a format ends in the midst of a conversion");
        if (conversion == '%')
        {
            text.Append("%");
            return at + 1;
        }

        var value = values.TryDequeue(out var first)
            ? first
            : throw new JinjaException("there are fewer values than the format has places for");
        Pad(Text(context, conversion, precision, value), width, left, zeros && conversion is not ('s' or 'r'), text);
        return at + 1;
    }

    private static TemplateText Text(RenderContext context, char conversion, int? precision, JinjaValue value)
    {
        switch (conversion)
        {
            case 's' or 'r':
                var whole = conversion == 's' ? ValueText.Of(context, value) : ValueText.Represent(context, value);
                return precision < whole.Value.Length ? whole.Slice(0, precision.Value) : whole;
            case 'd' or 'i' or 'x' when Whole(value) is { } number:
                return TemplateText.OfTemplate(conversion == 'x' ? Hexadecimal(number) : number.ToString(CultureInfo.InvariantCulture));
            case 'f' when ValueComparison.IsNumber(value):
                return TemplateText.OfTemplate(Arithmetic.ToDouble(value).ToString("F" + (precision ?? 6), CultureInfo.InvariantCulture));
            default:
                throw new JinjaException($"the conversion '%{conversion}' is not known for a value of type '{value.TypeName}'");
        }
    }

    private static BigInteger? Whole(JinjaValue value) =>
        value is FloatValue real && double.IsFinite(real.Value) ? new BigInteger(real.Value) : ValueComparison.WholeNumber(value);

    private static string Hexadecimal(BigInteger number)
    {
        var digits = BigInteger.Abs(number).ToString("x", CultureInfo.InvariantCulture).TrimStart('0');
        return (number.Sign < 0 ? "-" : "") + (digits.Length == 0 ? "0" : digits);
    }

    private static void Pad(TemplateText value, int width, bool left, bool zeros, TemplateTextBuilder text)
    {
        var padding = Math.Max(0, width - value.Value.Length);
        if (left)
        {
            text.Append(value).Append(new string(' ', padding));
        }
        else if (zeros)
        {
            var sign = value.Value.StartsWith('-') ? 1 : 0;
            text.Append(value, new TextSpan(0, sign)).Append(new string('0', padding)).Append(value.Slice(sign));
        }
        else
        {
            text.Append(new string(' ', padding)).Append(value);
        }
    }

    private static int? Number(string format, ref int at)
    {
        int? number = null;
        for (; at < format.Length && char.IsAsciiDigit(format[at]); at++)
        {
            number = ((number ?? 0) * 10) + (format[at] - '0');
            if (number > MaxWidth)
            {
                throw new JinjaException($"a width of more than {MaxWidth} characters");
            }
        }

        return number;
    }
}
