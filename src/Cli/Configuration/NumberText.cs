using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Orca.Cli.Configuration;

/// <summary>
/// Reads numbers as they are written everywhere: digits with a decimal point, an exponent where they need not be whole; no
/// thousands separators, no units, nothing infinite. White space around a number means nothing.
/// </summary>
internal static partial class NumberText
{
    private const NumberStyles Whole = NumberStyles.AllowLeadingSign;
    private const NumberStyles Decimal = Whole | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>The number; null where the text is none of this type.</summary>
    public static T? Read<T>(string text)
        where T : struct, INumber<T> =>
        // Parsing would skip zero bytes at the end.
        !text.Contains('\0')
        && T.TryParse(text.Trim(), IsWhole<T>() ? Whole : Decimal, CultureInfo.InvariantCulture, out var number)
        && T.IsFinite(number)
            ? number
            : null;

    /// <summary>
    /// How a text that was refused may have been meant, to follow what was expected: <c>, such as 0.7</c>; empty where nothing
    /// suggests itself.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="fits">Whether a number is in the range that was asked for.</param>
    public static string Example<T>(string text, Func<T, bool> fits)
        where T : struct, INumber<T>
    {
        var meant = (IsWhole<T>() ? WholeReadings(text.Trim()) : DecimalReadings(text.Trim()))
            .Where(reading => reading != text.Trim() && Read<T>(reading) is { } number && fits(number))
            .ToArray();
        return meant.Length == 0 ? "" : $", such as {string.Join(" or ", meant)}";
    }

    private static bool IsWhole<T>()
        where T : struct, INumber<T> => T.One / (T.One + T.One) == T.Zero;

    private static IEnumerable<string> DecimalReadings(string text)
    {
        if (DecimalComma().IsMatch(text))
        {
            yield return text.Replace(',', '.');
        }

        if (Grouped().IsMatch(text))
        {
            yield return Separators().Replace(text, "");
        }
    }

    private static IEnumerable<string> WholeReadings(string text)
    {
        if (Grouped().IsMatch(text))
        {
            yield return Separators().Replace(text, "");
        }
        else if (Read<double>(text) is { } number && double.IsInteger(number) && Math.Abs(number) < 1e15)
        {
            yield return number.ToString("0", CultureInfo.InvariantCulture);
        }
    }

    [GeneratedRegex(@"^[+-]?\d*,\d+([eE][+-]?\d+)?$")]
    private static partial Regex DecimalComma();

    [GeneratedRegex(@"^[+-]?\d{1,3}([,_' \u00A0\u202F]\d{3})+$")]
    private static partial Regex Grouped();

    [GeneratedRegex(@"[^\d+-]")]
    private static partial Regex Separators();
}
