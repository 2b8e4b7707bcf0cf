using System.Text.RegularExpressions;

namespace Orca.Streams.Answers;

/// <summary>Finds the number that a response answers with.</summary>
internal static partial class NumberAnswer
{
    /// <summary>The number as written; null where there is none.</summary>
    public static string? In(string text)
    {
        if (Statement.LastIn(text, passesOverDenials: true) is { } statement)
        {
            return InStatement(statement);
        }

        return (Leading().Match(text) is { Success: true } leading ? NumberIn(leading.Groups["n"].Value, last: false) : null)
            ?? Emphasised(text)
            ?? (Statement.ClaimIn(text) is { } claim ? Claimed(claim) : null)
            ?? NumberIn(Passages.Conclusion(text) ?? "", last: true)
            ?? NumberIn(text, last: true);
    }

    // Of "3 + 4 = 7 apples" the result counts; of "72 apples in 3 bags" the first.
    private static string? InStatement(Statement statement)
    {
        var line = statement.Line;
        return statement.Follows
            ? NumberIn(line[Calculation().Match(line).Length..], last: false) ?? NumberIn(statement.Text, last: false)
            : NumberIn(line, last: true);
    }

    // Only a number that is itself what is claimed: "it is known that 5 of them …" claims none.
    private static string? Claimed(Statement claim)
    {
        var line = Passages.UpToReason(claim.Sentence);
        if (!claim.Follows)
        {
            return NumericValue.Pattern().Matches(line).LastOrDefault() is { } last && last.Index + last.Length >= line.Length - 3
                ? last.Value
                : null;
        }

        var first = NumericValue.Pattern().Match(line);
        return !first.Success || first.Index > 2 ? null
            : line.LastIndexOf('=') is > 0 and var equals ? NumberIn(line[equals..], last: false) ?? first.Value
            : first.Value;
    }

    private static string? Emphasised(string text) => Bold().Matches(text)
        .Select(match => match.Groups["t"].Value)
        .Where(bold => !Heading().IsMatch(bold))
        .Select(bold => NumberIn(bold, last: true))
        .LastOrDefault(number => number is not null);

    private static string? NumberIn(string text, bool last)
    {
        var numbers = NumericValue.Pattern().Matches(text);
        return numbers.Count == 0 ? NumericValue.WordIn(text) : numbers[last ? ^1 : 0].Value;
    }

    [GeneratedRegex(@"^[\d\s.,$+\-−–*×·/÷%()x]{0,200}=", RegexOptions.IgnoreCase)]
    private static partial Regex Calculation();

    // "72", "72 clips.", "$72. Because …", but not the first of numbered steps.
    [GeneratedRegex(
        @"^(?:>\s)?[*_\s]{0,6}(?<n>[-−+]?\$?[-−]?(?:\d[\d,]{0,40}(?:\.\d{1,40})?(?:\s?/\s?\d{1,40})?|\.\d{1,40})%?)(?:[ ](?!because\b|since\b)[A-Za-z]{1,20}){0,2}[*_]{0,4}(?:[.,!;]?\s{0,3}(?:\n|$)|[.,;]?\s{1,3}(?:because|since|as|explanation|here|this)\b)",
        RegexOptions.IgnoreCase)]
    private static partial Regex Leading();

    [GeneratedRegex(@"\*\*(?<t>[^*\n]{1,80})\*\*")]
    private static partial Regex Bold();

    [GeneratedRegex(@"^\W{0,3}(?:step|part|option|case|method|day|week|round|line|note|explanation|reasoning|solution|question)\b|:\s*$|^\d{1,3}[.)]", RegexOptions.IgnoreCase)]
    private static partial Regex Heading();
}
