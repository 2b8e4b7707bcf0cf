using System.Globalization;
using System.Text.RegularExpressions;

namespace Orca.Evaluation.Judges;

/// <summary>The scores that a judge gives two answers in the text of its review.</summary>
/// <param name="First">Of the answer shown first, usually 1 to 10.</param>
/// <param name="Second">Of the answer shown second.</param>
public sealed partial record ReviewScores(double First, double Second)
{
    /// <summary>
    /// Reads a review: a first line of two numbers, as Vicuna's judge is asked for (<c>8 9</c>, <c>8, 9</c>); else the last pair that is
    /// said to be the output; else the last line for each assistant that begins with its score; else the scores in sentences. Null for
    /// none.
    /// </summary>
    public static ReviewScores? Read(string review) =>
        Pair(FirstLine().Match(review))
        ?? Pair(Output().Matches(review).LastOrDefault())
        ?? Of(LineOfFirst().Matches(review).LastOrDefault(), LineOfSecond().Matches(review).LastOrDefault())
        ?? Of(SentenceOfFirst().Matches(review).LastOrDefault(), SentenceOfSecond().Matches(review).LastOrDefault());

    private static ReviewScores? Pair(Match? match) =>
        match is { Success: true } ? new ReviewScores(Number(match.Groups["a"]), Number(match.Groups["b"])) : null;

    private static ReviewScores? Of(Match? first, Match? second) =>
        first is not null && second is not null ? new ReviewScores(Number(first.Groups["a"]), Number(second.Groups["a"])) : null;

    private static double Number(Group group) => double.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"^\s{0,20}\*{0,2}(?<a>\d{1,4}(?:\.\d{1,4})?)(?:/10)?[ ,]{1,4}(?<b>\d{1,4}(?:\.\d{1,4})?)(?:/10)?\*{0,2}[ \r]{0,4}(?:\n|$)")]
    private static partial Regex FirstLine();

    [GeneratedRegex(
        @"\b(?:tuple|output|scores? (?:is|are))\b[^\n(]{0,80}\((?<a>\d{1,4}(?:\.\d{1,4})?),\s?(?<b>\d{1,4}(?:\.\d{1,4})?)\)",
        RegexOptions.IgnoreCase)]
    private static partial Regex Output();

    [GeneratedRegex(@"^\W{0,4}Assistant 1\W{1,4}(?<a>\d{1,4}(?:\.\d{1,4})?)(?:/10)?(?!\w|\.\d)", RegexOptions.Multiline)]
    private static partial Regex LineOfFirst();

    [GeneratedRegex(@"^\W{0,4}Assistant 2\W{1,4}(?<a>\d{1,4}(?:\.\d{1,4})?)(?:/10)?(?!\w|\.\d)", RegexOptions.Multiline)]
    private static partial Regex LineOfSecond();

    [GeneratedRegex(@"Assistant 1(?:(?!Assistant 2)[^\n]){0,200}?\bscore (?:is|of) (?<a>\d{1,4}(?:\.\d{1,4})?)")]
    private static partial Regex SentenceOfFirst();

    [GeneratedRegex(@"Assistant 2(?:(?!Assistant 1)[^\n]){0,200}?\bscore (?:is|of) (?<a>\d{1,4}(?:\.\d{1,4})?)")]
    private static partial Regex SentenceOfSecond();
}
