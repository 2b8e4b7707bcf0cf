using System.Text.RegularExpressions;

namespace Orca.Streams.Answers;

/// <summary>Judges a response by a gold answer of a few words: a name, a label, a phrase.</summary>
internal static partial class ShortAnswer
{
    private const int WordsOfAShortSentence = 12;
    private const int MostWords = 20_000;

    /// <summary>The answer as far as it can be told without knowing what is wanted; null where it cannot.</summary>
    public static string? In(string text)
    {
        if (Statement.LastIn(text) is { } stated)
        {
            return Clean.Of(stated.Sentence);
        }

        var first = Passages.FirstSentence(text);
        return Words.Of(first).Count <= WordsOfAShortSentence ? Clean.Of(first)
            : Bold().Matches(text).LastOrDefault() is { } bold ? Clean.Of(bold.Groups["t"].Value)
            : null;
    }

    /// <summary>Whether a response answers with the gold words.</summary>
    public static AnswerVerdict Judge(string text, string gold)
    {
        var wanted = Words.Of(gold);
        if (wanted.Count == 0)
        {
            return AnswerMatch.Fold(In(text) ?? "") == AnswerMatch.Fold(gold) ? AnswerVerdict.Right : AnswerVerdict.Wrong;
        }

        return Statement.LastIn(text) is { } stated ? Stated(stated, wanted) : Told(text, wanted);
    }

    private static AnswerVerdict Stated(Statement stated, List<Word> wanted)
    {
        if (stated.Follows)
        {
            return Words.Begin(Words.Of(Passages.FirstLine(stated.Text)), wanted)
                ? AnswerVerdict.Right
                : Words.Compare(Words.Of(stated.Sentence), wanted);
        }

        return Words.End(Words.Of(stated.Text), wanted) ? AnswerVerdict.Right : Words.Compare(Words.Of(stated.Sentence), wanted);
    }

    private static AnswerVerdict Told(string text, List<Word> wanted)
    {
        var (first, last) = (Passages.FirstSentence(text), Passages.LastSentence(text));
        var conclusion = Passages.Conclusion(text);
        var opening = Words.Of(first);
        var isShort = opening.Count <= WordsOfAShortSentence;
        if (Words.Begin(Words.Of(Passages.FirstLine(text)), wanted)
            || (isShort && Words.Compare(opening, wanted) == AnswerVerdict.Right)
            || (Bold().Matches(text).LastOrDefault() is { } bold
                && Words.Compare(Words.Of(bold.Groups["t"].Value), wanted) == AnswerVerdict.Right)
            || (Statement.ClaimIn(text) is { } claim && Stated(claim, wanted) == AnswerVerdict.Right)
            || (conclusion is not null && Words.Begin(Words.Of(conclusion), wanted))
            || Words.Compare(Words.Of(last), wanted) == AnswerVerdict.Right)
        {
            return AnswerVerdict.Right;
        }

        // Said on the way, or nearly: perhaps meant.
        return (Words.HasOwn(wanted) && Words.PlacesOf(wanted, Words.Of(text, MostWords)).Any())
            || (isShort && Words.Compare(opening, wanted) == AnswerVerdict.Undecided)
            ? AnswerVerdict.Undecided
            : AnswerVerdict.Wrong;
    }

    [GeneratedRegex(@"\*\*(?<t>[^*\n]{1,80})\*\*")]
    private static partial Regex Bold();
}
