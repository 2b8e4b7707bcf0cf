using System.Globalization;
using System.Text.RegularExpressions;

namespace Orca.Streams.Answers;

/// <summary>Numbers as people write them: 1,234.50, $5, 40%, 3/4, seven.</summary>
internal static partial class NumericValue
{
    private static readonly string[] Written =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
    ];

    /// <summary>
    /// The value of the first number in a text, null where there is none (or it divides by zero, or its quotient is too large).
    /// </summary>
    public static decimal? Of(string text)
    {
        if (Pattern().Match(text) is not { Success: true } match)
        {
            return WordIn(text) is { } word ? Array.IndexOf(Written, word.ToLowerInvariant()) : null;
        }

        var digits = match.Value.Replace(",", "", StringComparison.Ordinal)
            .Replace('−', '-').Replace("$", "", StringComparison.Ordinal);
        var parts = PowerOfTen().Replace(digits, "e").TrimEnd('}').Split('/');
        if (!Parse(parts[0], out var value))
        {
            return null;
        }

        return parts.Length == 1 ? value : Parse(parts[1], out var divisor) ? Quotient(value, divisor) : null;
    }

    /// <summary>The first number word of a text, zero to twenty.</summary>
    public static string? WordIn(string text) => Word().Match(text) is { Success: true } word ? word.Value : null;

    // Null too where the quotient is beyond what a decimal holds, as of 9 by 1e-28.
    private static decimal? Quotient(decimal value, decimal divisor)
    {
        try
        {
            return divisor == 0 ? null : value / divisor;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private static bool Parse(string digits, out decimal value) =>
        decimal.TryParse(digits.Replace(" ", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    // A minus sign belongs to the number unless a digit or a gap to the number makes it a subtraction.
    [GeneratedRegex(@"(?<![\d.A-Za-z])[-−]?\$?[-−]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:\s?/\s?\d+(?:\.\d+)?|[eE][-−+]?\d{1,2}(?!\w)|\s?[x×*]\s?10\^\{?[-−]?\d{1,2}\}?)?|(?<![\w.])[-−]?\.\d+")]
    public static partial Regex Pattern();

    // "3 × 10^8"
    [GeneratedRegex(@"\s?[x×*]\s?10\^\{?")]
    private static partial Regex PowerOfTen();

    // "What one does" and "the one" count nothing.
    [GeneratedRegex(@"\b(?:zero|(?<!\b(?:what|which|when|if|as|no|any|some|every|each|this|that|the)\s)one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Word();
}
