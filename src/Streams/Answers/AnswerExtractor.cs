using System.Text.RegularExpressions;

namespace Orca.Streams.Answers;

/// <summary>
/// Finds the answer in a response: the last statement of one ("the answer is …", "Answer: …", "#### …", a boxed one), or
/// else what the kind of answer allows (a lone option, the last number, a short response as a whole). It never takes
/// the first capital letter for an option: "Based on …" is no B.
/// </summary>
/// <remarks>Any text is read in time that grows with its length, whatever it holds.</remarks>
public static partial class AnswerExtractor
{
    private const int WordsOfAShortAnswer = 12;

    /// <summary>The answer of a response, or null where none can be told.</summary>
    /// <returns>
    /// A number as written, an option's letter or text, yes or no, or the words of the answer without mark-up and final stop.
    /// </returns>
    public static string? Extract(string response, AnswerKind kind)
    {
        var text = AnswerText.Of(response, kind);
        if (text.Length == 0)
        {
            return null;
        }

        return kind switch
        {
            AnswerKind.Number => NumberAnswer.In(Denials.Removed(text)),
            AnswerKind.MultipleChoice => ChoiceAnswer.In(text),
            AnswerKind.Exact => Phrase(text),
            AnswerKind.YesNo => YesNoAnswer.In(Denials.Removed(text)) switch { true => "yes", false => "no", _ => null },
            AnswerKind.ShortText => ShortAnswer.In(text),
            AnswerKind.List => ListAnswer.In(text),
            _ => Statement.LastIn(text) is { Follows: true } statement ? statement.Text.Split('\n', 2)[0].Trim() : text,
        };
    }

    private static string? Phrase(string text) =>
        Statement.LastIn(text) is { } statement ? Clean.Of(statement.Sentence)
        : LeadingVerdict().Match(text) is { Success: true } verdict ? verdict.Groups["t"].Value
        : Short(text) ?? (Bold().Matches(text).LastOrDefault() is { } bold ? Clean.Of(bold.Groups["t"].Value) : null);

    private static string? Short(string text) =>
        !text.Contains('\n') && text.Split(' ').Length <= WordsOfAShortAnswer ? Clean.Of(text) : null;

    [GeneratedRegex(@"\*\*(?<t>[^*\n]{1,80})\*\*")]
    private static partial Regex Bold();

    [GeneratedRegex(
        @"^[*_]{0,6}(?<t>yes|no|true|false|not plausible|plausible)\b[*_]{0,6}(?=[,.;:!\s]|$)(?!\s{1,3}(?:one|matter|doubt))", RegexOptions.IgnoreCase)]
    private static partial Regex LeadingVerdict();
}
