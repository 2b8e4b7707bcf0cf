using System.Text.RegularExpressions;

namespace Orca.Streams.Answers;

/// <summary>Compares the answer of a response with a question's gold answers.</summary>
public static partial class AnswerMatch
{
    private static readonly string[] Verdicts = ["yes", "no", "true", "false", "plausible", "not plausible"];

    /// <summary>Whether a response is right; false where the question has no gold answer or the response none.</summary>
    public static bool IsRight(string response, ExpectedAnswer expected) =>
        !expected.Gold.IsEmpty && Judge(response, expected) == AnswerVerdict.Right;

    /// <summary>
    /// Right where a response gives any of the gold answers. A choice, a number, yes or no that is not given is wrong; free text that
    /// is not the gold one, and words that are nearly it, are undecided, as is everything where there is no gold answer.
    /// </summary>
    public static AnswerVerdict Judge(string response, ExpectedAnswer expected)
    {
        if (expected.Gold.IsEmpty)
        {
            return AnswerVerdict.Undecided;
        }

        var text = AnswerText.Of(response, expected.Kind);
        var options = expected.Kind == AnswerKind.MultipleChoice ? OptionList.Of(expected.Prompt) : [];
        var best = AnswerVerdict.Wrong;
        foreach (var gold in expected.Gold)
        {
            var verdict = text.Length == 0 ? AnswerVerdict.Wrong : expected.Kind switch
            {
                AnswerKind.Number => WhetherRight(SameNumber(NumberAnswer.In(Denials.Removed(text)), gold)),
                AnswerKind.MultipleChoice => ChoiceAnswer.Judge(text, gold, options),
                AnswerKind.Exact => WhetherRight(
                    AnswerExtractor.Extract(response, AnswerKind.Exact) is { } answer && SamePhrase(answer, gold)),
                AnswerKind.YesNo => WhetherRight(YesNoAnswer.Of(gold) is { } wanted && YesNoAnswer.In(Denials.Removed(text)) == wanted),
                AnswerKind.ShortText => ShortAnswer.Judge(text, gold),
                AnswerKind.List => ListAnswer.Judge(text, gold, expected.Prompt),
                _ => SameText(Reasoning.Removed(response), gold) ? AnswerVerdict.Right : AnswerVerdict.Undecided,
            };
            if (verdict == AnswerVerdict.Right)
            {
                return verdict;
            }

            best = verdict == AnswerVerdict.Undecided ? verdict : best;
        }

        return best;
    }

    /// <summary>A text without differences of case, white space, quotes, list commas and final punctuation.</summary>
    public static string Fold(string text)
    {
        var folded = Gaps().Replace(ListComma().Replace(text.ToLowerInvariant(), ""), " ")
            .Trim(' ', '"', '\'', '“', '”', '‘', '’', '*', '`', '_').TrimEnd('.', '!', '?', ',', ';', ':', ' ');
        return folded.Any(char.IsLetterOrDigit) ? folded : folded.Replace(" ", "", StringComparison.Ordinal);
    }

    private static AnswerVerdict WhetherRight(bool right) => right ? AnswerVerdict.Right : AnswerVerdict.Wrong;

    private static bool SameNumber(string? answer, string gold) =>
        answer is not null && (NumericValue.Of(gold) is { } wanted ? NumericValue.Of(answer) == wanted : Fold(answer) == Fold(gold));

    private static bool SameText(string response, string gold) =>
        Fold(response) == Fold(gold)
        || (AnswerExtractor.Extract(response, AnswerKind.FreeText) is { } answer && Fold(answer) == Fold(gold));

    // "yes, they do" is a yes.
    private static bool SamePhrase(string answer, string gold)
    {
        var (found, wanted) = (Fold(answer), Fold(gold));
        return found == wanted
            || (Verdicts.Contains(wanted) && found.Length > wanted.Length && found.StartsWith(wanted, StringComparison.Ordinal)
                && !char.IsLetterOrDigit(found[wanted.Length]));
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Gaps();

    [GeneratedRegex(@"(?<=\w),(?=\s)")]
    private static partial Regex ListComma();
}
