using System.Globalization;
using System.Numerics;

namespace Orca.Model.Prompting.Jinja.Values;

/// <summary>How Python writes and reads numbers.</summary>
internal static class PythonNumbers
{
    // Python writes an exponent where the decimal one is below -4 or reaches 16.
    private const int MinPlainExponent = -4;
    private const int PlainExponents = 16;

    // Digits of a number in a text: more would take long to read and mean nothing.
    private const int MaxDigits = 1024;

    /// <summary>The shortest text that reads back as the same number, as <c>repr</c> gives it.</summary>
    public static string Write(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }

        var (sign, digits, exponent) = Decompose(value);
        if (exponent is < MinPlainExponent or >= PlainExponents)
        {
            var fraction = digits.Length > 1 ? "." + digits[1..] : "";
            return $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        if (exponent < 0)
        {
            return sign + "0." + new string('0', -exponent - 1) + digits;
        }

        var whole = digits.PadRight(exponent + 1, '0');
        return sign + whole[..(exponent + 1)] + "." + (whole.Length > exponent + 1 ? whole[(exponent + 1)..] : "0");
    }

    /// <summary>Reads a whole number as <c>int</c> does: signs, spaces around it, underscores between digits.</summary>
    public static BigInteger? ReadInteger(string text, int radix = 10)
    {
        var digits = text.Trim();
        var negative = digits.StartsWith('-');
        digits = digits.TrimStart('+', '-');
        digits = radix == 16 && digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? digits[2..] : digits;
        if (digits.Length is 0 or > MaxDigits || text.Trim().Length - digits.Length > 3 || digits.StartsWith('_') || digits.EndsWith('_'))
        {
            return null;
        }

        var value = BigInteger.Zero;
        foreach (var digit in digits.Where(digit => digit != '_'))
        {
            var worth = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : radix;
            if (worth >= radix)
            {
                return null;
            }

            value = (value * radix) + worth;
        }

        return negative ? -value : value;
    }

    /// <summary>Reads a floating-point number as <c>float</c> does.</summary>
    public static double? ReadFloat(string text)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        var trimmed = text.Trim();
        return trimmed.ToLowerInvariant() switch
        {
            "nan" => double.NaN,
            "inf" or "+inf" or "infinity" or "+infinity" => double.PositiveInfinity,
            "-inf" or "-infinity" => double.NegativeInfinity,
            _ => trimmed.Any(char.IsAsciiDigit) && double.TryParse(
                trimmed.Replace("_", ""), Style, CultureInfo.InvariantCulture, out var value) ? value : null,
        };
    }

    // The sign, the shortest digits without zeros at the end, and the decimal exponent of the first.
    private static (string Sign, string Digits, int Exponent) Decompose(double value)
    {
        var text = Math.Abs(value).ToString("E16", CultureInfo.InvariantCulture);
        var shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var mantissa = shortest.Split('E')[0].Replace(".", "").TrimStart('0').TrimEnd('0');
        var exponent = int.Parse(text[(text.IndexOf('E') + 1)..], CultureInfo.InvariantCulture);
        // Rounded to 17 digits a number may reach the next power of ten; its shortest form tells.
        if (mantissa.Length > 0 && shortest.Contains('E'))
        {
            exponent = int.Parse(shortest.Split('E')[1], CultureInfo.InvariantCulture);
        }

        return (double.IsNegative(value) ? "-" : "", mantissa.Length == 0 ? "0" : mantissa, exponent);
    }
}
