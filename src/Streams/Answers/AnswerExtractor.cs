using System.Text.RegularExpressions;

namespace Orca.Streams.Answers;

/// <summary>
/// Finds the answer in a response: the last statement of one ("the answer is …", "Answer: …", "#### …", a boxed one), or
/// else what the kind of answer allows (a lone option, the last number, a short response as a whole). It never takes
/// the first capital letter for an option: "Based on …" is no B.
/// </summary>
public static partial class AnswerExtractor
{
    private const int WordsOfAShortAnswer = 12;

    /// <summary>The answer of a response, or null where none can be told.</summary>
    /// <returns>A number as written, an option's letter or text, or the words of the answer without mark-up and final stop.</returns>
    public static string? Extract(string response, AnswerKind kind)
    {
        var text = Markup.Plain(response).Trim();
        if (text.Length == 0)
        {
            return null;
        }

        return kind switch
        {
            AnswerKind.Number => Number(text),
            AnswerKind.MultipleChoice => Option(text),
            AnswerKind.Exact => Phrase(text),
            _ => Stated(text) is { } statement ? FirstLine(statement) : text,
        };
    }

    private static string? Number(string text)
    {
        // Of "3 + 4 = 7 apples" the result counts; of "72 apples in 3 bags" the first.
        var statement = Stated(text) is { } stated ? FirstLine(stated) : null;
        var result = statement is null ? null : NumberIn(statement[(statement.LastIndexOf('=') + 1)..], last: false);
        return result
            ?? (Bold().Matches(text).LastOrDefault() is { } bold ? NumberIn(bold.Groups["t"].Value, last: true) : null)
            ?? NumberIn(text, last: true);
    }

    private static string? NumberIn(string text, bool last)
    {
        var numbers = NumericValue.Pattern().Matches(text);
        return numbers.Count == 0 ? NumericValue.WordIn(text) : numbers[last ? ^1 : 0].Value;
    }

    private static string? Option(string text)
    {
        if (Stated(text) is { } statement)
        {
            return StatedOption().Match(statement) is { Success: true } letter
                ? letter.Groups["m"].Value.ToUpperInvariant()
                : Cleaned(Sentence(statement));
        }

        if (ChosenOption().Matches(text).LastOrDefault() is { } chosen)
        {
            return chosen.Groups["m"].Value.ToUpperInvariant();
        }

        if (LeadingOption().Match(text) is { Success: true } leading)
        {
            return leading.Groups["m"].Value.ToUpperInvariant();
        }

        var mentioned = BracketedOption().Matches(text).Select(match => match.Groups["m"].Value.ToUpperInvariant()).Distinct().ToArray();
        return mentioned.Length == 1 ? mentioned[0]
            : mentioned.Length > 1 ? null
            : Bold().Matches(text).LastOrDefault() is { } bold ? Cleaned(bold.Groups["t"].Value)
            : Short(text);
    }

    private static string? Phrase(string text) =>
        Stated(text) is { } statement ? Cleaned(Sentence(statement))
        : LeadingVerdict().Match(text) is { Success: true } verdict ? verdict.Groups["t"].Value
        : Short(text) ?? (Bold().Matches(text).LastOrDefault() is { } bold ? Cleaned(bold.Groups["t"].Value) : null);

    // What follows the last statement of an answer, up to the end of the text.
    private static string? Stated(string text)
    {
        foreach (var match in Statement().Matches(text).Reverse())
        {
            var rest = text[(match.Index + match.Length)..].TrimStart(' ', '\n', '*', '_', ':');
            if (Cleaned(FirstLine(rest)).Length > 0)
            {
                return rest;
            }
        }

        return null;
    }

    private static string? Short(string text) =>
        !text.Contains('\n') && text.Split(' ').Length <= WordsOfAShortAnswer ? Cleaned(text) : null;

    private static string FirstLine(string text) => text.Split('\n')[0].Trim();

    private static string Sentence(string text) => SentenceEnd().Split(FirstLine(text), 2)[0];

    private static string Cleaned(string text) =>
        text.Trim(' ', '*', '_', '`', '"', '\'', '“', '”', '‘', '’').TrimEnd('.', '!', ',', ';', ':', ' ', '*', '"', '”', '`', '\'');

    [GeneratedRegex(
        """
        (?: \b(?:answer|solution|(?:correct|right|best|final)\s+(?:option|choice|answer|result))
            (?:\s+(?:to|for|of|here|choice|option)\b[^.:\n]{0,60}?)?
            [\s*_]*
            (?: (?:is|are|was|would\s+be|will\s+be|should\s+be|must\s+be|has\s+to\s+be|equals)\b
                (?:\s+(?:therefore|thus|then|simply|just|clearly|definitely|probably|most\s+likely|likely|indeed|option|choice)\b)*
                [\s*_]*:?
              | \s*[:=] | \s+[-–—]\s )
          | ^\s*A:\s
          | \#\#\#\#
        )\s*
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace | RegexOptions.Multiline)]
    private static partial Regex Statement();

    // At the start of a statement; "not (A) but (B)" is B, and a bare A before another word is an article.
    [GeneratedRegex(@"^(?:not\s+[\(\[]?[A-Z][\)\]]?\s*,?\s*but\s+)?[*_""'“]*(?:(?:option|choice)\s+)?(?:[\(\[](?<m>[A-Za-z])[\)\]]|(?<m>[A-Za-z])[\)\]]|(?<m>[B-HJ-Z])(?![\w'’-])|(?<m>[A-Z])(?=[*_""'”]*(?:\s*$|\s*[.,:;!\n]|\s+(?:because|since|as|for)\b)))")]
    private static partial Regex StatedOption();

    [GeneratedRegex(@"(?:\b(?i:choose|pick|select|go\s+with|going\s+with)\s+(?i:option\s+|choice\s+|answer\s+)?[\(\[]?(?<m>[A-Z])[\)\]]?(?![\w'’])|\b(?i:option|choice)\s+[\(\[]?(?<m>[A-Z])[\)\]]?\s+is\s+(?:the\s+)?(?:correct|right|best|true)|[\(\[](?<m>[A-Z])[\)\]]\s+is\s+(?:the\s+)?(?:correct|right|best)\b)")]
    private static partial Regex ChosenOption();

    // "(B) Paris", "B) Paris", "B. Paris", "**B**", "b" alone, but not "As an AI …" nor "Based on …".
    [GeneratedRegex(@"^[*_]*(?:[\(\[](?<m>[A-Za-z])[\)\]](?![^\n]*[\(\[][A-Z][\)\]])|(?<m>[A-Z])[\)\]]|(?<m>[A-Z])[*_]*[.:](?=\s|$)|(?<m>[A-Za-z])[*_]*$)")]
    private static partial Regex LeadingOption();

    [GeneratedRegex(@"[\(\[](?<m>[A-Z])[\)\]]")]
    private static partial Regex BracketedOption();

    [GeneratedRegex(@"\*\*(?<t>[^*\n]{1,80})\*\*")]
    private static partial Regex Bold();

    [GeneratedRegex(
        @"^[*_]*(?<t>yes|no|true|false|not plausible|plausible)\b[*_]*(?=[,.;:!\s]|$)(?!\s+(?:one|matter|doubt))", RegexOptions.IgnoreCase)]
    private static partial Regex LeadingVerdict();

    [GeneratedRegex(@"(?<=\S)[.!?](?=\s|$)")]
    private static partial Regex SentenceEnd();
}
