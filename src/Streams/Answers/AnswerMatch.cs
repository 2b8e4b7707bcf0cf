using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Orca.Streams.Answers;

/// <summary>Compares the answer of a response with a question's gold answers.</summary>
public static partial class AnswerMatch
{
    private static readonly string[] Verdicts = ["yes", "no", "true", "false", "plausible", "not plausible"];

    /// <summary>Whether a response is right; false where the question has no gold answer or the response none.</summary>
    public static bool IsRight(string response, ExpectedAnswer expected)
    {
        var answer = AnswerExtractor.Extract(response, expected.Kind);
        return answer is not null && expected.Gold.Any(gold => expected.Kind switch
        {
            AnswerKind.Number => SameNumber(answer, gold),
            AnswerKind.MultipleChoice => SameOption(answer, gold, OptionList.Of(expected.Prompt)),
            AnswerKind.Exact => SamePhrase(answer, gold),
            _ => Fold(response) == Fold(gold) || Fold(answer) == Fold(gold),
        });
    }

    /// <summary>A text without differences of case, white space, quotes, list commas and final punctuation.</summary>
    public static string Fold(string text)
    {
        var folded = Gaps().Replace(ListComma().Replace(text.ToLowerInvariant(), ""), " ")
            .Trim(' ', '"', '\'', '“', '”', '‘', '’', '*', '`', '_').TrimEnd('.', '!', '?', ',', ';', ':', ' ');
        return folded.Any(char.IsLetterOrDigit) ? folded : folded.Replace(" ", "", StringComparison.Ordinal);
    }

    private static bool SameNumber(string answer, string gold) =>
        NumericValue.Of(gold) is { } wanted ? NumericValue.Of(answer) == wanted : Fold(answer) == Fold(gold);

    // "yes, they do" is a yes.
    private static bool SamePhrase(string answer, string gold)
    {
        var (found, wanted) = (Fold(answer), Fold(gold));
        return found == wanted || (Verdicts.Contains(wanted) && found.StartsWith(wanted, StringComparison.Ordinal) && !char.IsLetterOrDigit(found[wanted.Length]));
    }

    private static bool SameOption(string answer, string gold, ImmutableArray<AnswerOption> options)
    {
        var (found, wanted) = (Letter(answer, options), Letter(gold, options));
        return found is not null && wanted is not null ? found == wanted : Fold(answer) == Fold(gold);
    }

    // An option's letter from "(B)", "b", "B. Paris" or its text.
    private static char? Letter(string answer, ImmutableArray<AnswerOption> options)
    {
        var folded = Fold(answer);
        if (options.FirstOrDefault(option => Fold(option.Text) == folded) is { } byText)
        {
            return byText.Letter;
        }

        return Lettered().Match(answer.Trim()) is { Success: true } match ? char.ToUpperInvariant(match.Groups["m"].Value[0]) : null;
    }

    [GeneratedRegex(@"^(?:[\(\[](?<m>[A-Za-z])[\)\]]\.?(?:\s|$)|(?<m>[A-Za-z])(?:[\)\].:](?:\s|$)|$))")]
    private static partial Regex Lettered();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Gaps();

    [GeneratedRegex(@"(?<=\w),(?=\s)")]
    private static partial Regex ListComma();
}
