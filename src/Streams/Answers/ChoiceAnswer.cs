using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Orca.Streams.Answers;

/// <summary>Finds which option a response answers with, by letter or by text.</summary>
internal static partial class ChoiceAnswer
{
    private const int WordsOfAShortAnswer = 12;

    /// <summary>The option's letter or text; null where none can be told.</summary>
    public static string? In(string text)
    {
        if (Statement.LastIn(text, passesOverDenials: true) is { } statement)
        {
            return InStatement(statement);
        }

        if (ChosenOption().Matches(text).LastOrDefault() is { } chosen)
        {
            return chosen.Groups["m"].Value.ToUpperInvariant();
        }

        if (LeadingOption().Match(text) is { Success: true } leading)
        {
            return leading.Groups["m"].Value.ToUpperInvariant();
        }

        if (Statement.ClaimIn(text) is { } claim && LetterIn(claim) is { } claimed)
        {
            return claimed;
        }

        var mentioned = BracketedOption().Matches(text)
            .Select(match => match.Groups["m"].Value.ToUpperInvariant()).Distinct().Take(2).ToArray();
        return mentioned.Length == 1 ? mentioned[0]
            : mentioned.Length > 1 ? ConcludedIn(text)
            : Bold().Matches(text).LastOrDefault() is { } bold ? Letter(bold.Groups["t"].Value) ?? Clean.Of(bold.Groups["t"].Value)
            : ConcludedIn(text) ?? Short(text);
    }

    /// <summary>Whether a response answers with the gold option.</summary>
    public static AnswerVerdict Judge(string text, string gold, ImmutableArray<AnswerOption> options)
    {
        text = Denials.Removed(text);
        gold = Denials.Removed(gold);
        options = [.. options.Select(option => option with { Text = Denials.Removed(option.Text) })];
        var answer = In(text);
        if (LetterOf(gold, options) is not { } wanted)
        {
            return answer is not null && AnswerMatch.Fold(answer) == AnswerMatch.Fold(gold) ? AnswerVerdict.Right : AnswerVerdict.Wrong;
        }

        // A letter that no option has is none: the side of a triangle, say.
        var found = answer is null ? null : LetterOf(answer, options);
        found = options.IsEmpty || options.Any(option => option.Letter == found) ? found : NamedIn(text, options);
        return found == wanted ? AnswerVerdict.Right : AnswerVerdict.Wrong;
    }

    // "(B)", "b", "B. Paris" or the option's text.
    private static char? LetterOf(string answer, ImmutableArray<AnswerOption> options)
    {
        var folded = AnswerMatch.Fold(answer);
        if (options.FirstOrDefault(option => AnswerMatch.Fold(option.Text) == folded) is { } byText)
        {
            return byText.Letter;
        }

        return Lettered().Match(answer.Trim()) is { Success: true } match ? char.ToUpperInvariant(match.Groups["m"].Value[0]) : null;
    }

    // The one option whose text stands where the answer does: in the statement of it, else in the first or last sentence.
    private static char? NamedIn(string text, ImmutableArray<AnswerOption> options)
    {
        IEnumerable<string> places = Statement.LastIn(text) is { } stated
            ? [stated.Sentence, stated.Line]
            : [Statement.ClaimIn(text)?.Line ?? "", Passages.Conclusion(text) ?? "", Passages.FirstLine(text), Passages.LastSentence(text)];
        return places.Select(place => Named(Words.Of(place), options)).FirstOrDefault(letter => letter is not null);
    }

    private static char? Named(List<Word> place, ImmutableArray<AnswerOption> options)
    {
        // Longer ones first: "dark cave" names "cave" too.
        var texts = options.Select(option => (option.Letter, Words: Words.Of(option.Text)))
            .Where(option => option.Words.Count > 0).OrderByDescending(option => option.Words.Count).ToArray();
        if (texts.FirstOrDefault(option => Words.Begin(place, option.Words)) is { Words: not null } first)
        {
            return first.Letter;
        }

        var named = texts.Where(option => Words.PlacesOf(option.Words, place).Any()).ToArray();
        return named.Length > 0 && named.Skip(1).All(other => Words.PlacesOf(other.Words, named[0].Words).Any())
            ? named[0].Letter
            : null;
    }

    private static string? LetterIn(Statement claim) => !claim.Follows ? Letter(claim.Sentence)
        : StatedOption().Match(claim.Text) is { Success: true } letter ? letter.Groups["m"].Value.ToUpperInvariant()
        : null;

    private static string InStatement(Statement statement)
    {
        if (!statement.Follows)
        {
            return Letter(statement.Sentence) ?? Letter(statement.Text) ?? Clean.Of(statement.Sentence);
        }

        return StatedOption().Match(statement.Text) is { Success: true } letter
            ? letter.Groups["m"].Value.ToUpperInvariant()
            : Clean.Of(statement.Sentence);
    }

    // The lone letter of a clause.
    private static string? Letter(string clause)
    {
        var letters = LoneLetter().Matches(clause).Select(match => match.Groups["m"].Value.ToUpperInvariant()).Distinct().Take(2).ToArray();
        return letters.Length == 1 ? letters[0] : null;
    }

    private static string? ConcludedIn(string text) =>
        Passages.Conclusion(text) is { } conclusion && StatedOption().Match(conclusion) is { Success: true } letter
            ? letter.Groups["m"].Value.ToUpperInvariant()
            : Letter(Passages.LastSentence(text));

    private static string? Short(string text) =>
        !text.Contains('\n') && text.Split(' ').Length <= WordsOfAShortAnswer ? Clean.Of(text) : null;

    // At the start of a statement; "not (A) but (B)" is B, and a bare A before another word is an article.
    [GeneratedRegex(@"^(?:not\s{1,3}[\(\[]?[A-Z][\)\]]?\s{0,3},?\s{0,3}but\s{1,3})?[*_""'“]{0,6}(?:(?:option|choice)\s{1,3})?[*_""'“]{0,6}(?:[\(\[](?<m>[A-Za-z])[\)\]]|(?<m>[A-Za-z])[\)\]]|(?<m>[B-HJ-Z])(?![A-Za-zÀ-ɏ\d_'’-])|(?<m>[A-Z])(?=[*_""'”]{0,6}(?:\s*$|\s{0,3}[.,:;!\n。，、\u3040-\u30ff\uac00-\ud7af]|\s{1,3}(?:because|since|as|for)\b|</)))")]
    private static partial Regex StatedOption();

    [GeneratedRegex(@"(?:\b(?i:choose|pick|select|go\s{1,3}with|going\s{1,3}with)\s{1,3}(?i:option\s{1,3}|choice\s{1,3}|answer\s{1,3})?[*_]{0,3}[\(\[]?(?<m>[A-Z])[\)\]]?(?![\w'’])|\b(?i:option|choice)\s{1,3}[\(\[]?\$?(?<m>[A-Z])\$?[\)\]]?\s{1,3}is\s{1,3}(?:the\s{1,3})?(?:correct|right|best|true)|[\(\[](?<m>[A-Z])[\)\]]\s{1,3}is\s{1,3}(?:the\s{1,3})?(?:correct|right|best)\b|\b(?i:mak(?:es|ing)|leav(?:es|ing))\s{1,3}(?i:option\s{1,3}|choice\s{1,3}|only\s{1,3}){0,2}[\(\[]?(?<m>[A-Z])[\)\]]?\s{1,3}(?:as\s{1,3})?the\s{1,3}(?:correct|right|best|only)\b)")]
    private static partial Regex ChosenOption();

    // "(B) Paris", "B) Paris", "B. Paris", "**B**", "b" alone, but not "As an AI …" nor "Based on …".
    [GeneratedRegex(@"^(?:>\s)?[*_]{0,6}(?:[\(\[](?<m>[A-Za-z])[\)\]](?![^\n]*[\(\[][A-Z][\)\]])|(?<m>[A-Z])[\)\]]|(?<m>[A-Z])[*_]{0,6}[.:](?=[\s*_]|$)|(?<m>[A-Za-z])[*_]{0,6}(?:$|\n)|(?<m>[B-HJ-Z])[*_,]{0,4}\s{1,2}(?:because|since)\b)")]
    private static partial Regex LeadingOption();

    [GeneratedRegex(@"[\(\[](?<m>[A-Z])[\)\]]")]
    private static partial Regex BracketedOption();

    [GeneratedRegex(@"[\(\[](?<m>[A-Za-z])[\)\]]|(?<![\w'’.-])(?<m>[B-HJ-Z])(?![\w'’-]|\.\w)|(?<![\w'’.-])(?<m>[AI])(?=\W{0,2}$)")]
    private static partial Regex LoneLetter();

    [GeneratedRegex(@"^(?:[\(\[](?<m>[A-Za-z])[\)\]]\.?(?:\s|$)|(?<m>[A-Za-z])(?:[\)\].:](?:\s|$)|$))")]
    private static partial Regex Lettered();

    [GeneratedRegex(@"\*\*(?<t>[^*\n]{1,80})\*\*")]
    private static partial Regex Bold();
}
