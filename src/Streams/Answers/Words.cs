using System.Globalization;

namespace Orca.Streams.Answers;

/// <summary>A word of an answer, lower case.</summary>
/// <param name="Text">Letters and digits, with the signs within it.</param>
/// <param name="Break">Whether a sign or a line's end parts it from the next.</param>
internal readonly record struct Word(string Text, bool Break);

/// <summary>Compares a few words with those of a gold answer.</summary>
internal static class Words
{
    /// <summary>The most that are read of a text where nothing else is said.</summary>
    public const int Most = 200;

    private static readonly HashSet<string> Articles = ["a", "an", "the"];

    // Behind or before these an answer's words end.
    private static readonly HashSet<string> Plain =
    [
        "is", "are", "was", "were", "be", "as", "of", "in", "on", "at", "to", "by", "for", "with", "from", "and", "or", "because",
        "since", "which", "that", "who", "so", "it", "its", "his", "her", "their", "this", "would", "called", "named", "say", "says",
        "option", "label", "word", "category", "has", "have", "had", "can", "could", "if", "when", "where", "while", "due", "based",
        "given", "here", "therefore", "thus", "hence", "answer", "approximately", "about", "namely", "using", "after", "before", "than",
        "classified", "classify", "sentiment", "city", "country",
    ];

    // "not positive" and "very positive" are no "positive".
    private static readonly HashSet<string> Modifiers =
    [
        "not", "no", "non", "never", "isn't", "wasn't", "aren't", "isn’t", "wasn’t", "aren’t", "very", "neither", "nor", "than",
        "instead", "slightly", "somewhat", "mostly", "extremely",
    ];

    /// <summary>The words of a text, as many as count, articles left out unless there is nothing else.</summary>
    public static List<Word> Of(string text, int most = Most)
    {
        var words = new List<Word>();
        var start = -1;
        for (var i = 0; i <= text.Length && words.Count < most; i++)
        {
            if (i < text.Length && IsWithin(text, i))
            {
                start = start < 0 ? i : start;
                continue;
            }

            if (start >= 0)
            {
                words.Add(new Word(text[start..i].ToLowerInvariant(), Break: i == text.Length));
                start = -1;
            }

            if (i < text.Length && text[i] is not (' ' or '-' or '/' or '"' or '“' or '”' or '\'' or '\u00a0') && words.Count > 0)
            {
                words[^1] = words[^1] with { Break = true };
            }
        }

        return words.TrueForAll(word => Articles.Contains(word.Text)) ? words : words.FindAll(word => !Articles.Contains(word.Text));
    }

    /// <summary>Whether an answer says what is wanted, something else, or something near it.</summary>
    public static AnswerVerdict Compare(List<Word> answer, List<Word> wanted)
    {
        if (wanted.Count == 0 || answer.Count == 0)
        {
            return AnswerVerdict.Wrong;
        }

        var isNear = false;
        foreach (var at in PlacesOf(wanted, answer))
        {
            var last = at + wanted.Count - 1;
            if (EndsBefore(answer, at) && EndsAfter(answer, last))
            {
                return AnswerVerdict.Right;
            }

            isNear = true;
        }

        return isNear || Overlaps(answer, wanted) ? AnswerVerdict.Undecided : AnswerVerdict.Wrong;
    }

    /// <summary>Whether the words begin an answer, and it goes on with something else.</summary>
    public static bool Begin(List<Word> answer, List<Word> wanted) =>
        StandAt(answer, 0, wanted) && EndsAfter(answer, wanted.Count - 1);

    /// <summary>Whether an answer ends in the words.</summary>
    public static bool End(List<Word> answer, List<Word> wanted) =>
        StandAt(answer, answer.Count - wanted.Count, wanted) && EndsBefore(answer, answer.Count - wanted.Count);

    /// <summary>Where the words stand in an answer, unless a word before them denies or changes them.</summary>
    public static IEnumerable<int> PlacesOf(List<Word> wanted, List<Word> answer) => Enumerable
        .Range(0, Math.Max(0, answer.Count - wanted.Count + 1))
        .Where(at => StandAt(answer, at, wanted) && !IsModified(answer, at));

    private static bool IsModified(List<Word> answer, int at) =>
        at > 0 && (Modifiers.Contains(answer[at - 1].Text) || answer[at - 1].Text.EndsWith("n't", StringComparison.Ordinal)
            || (at > 1 && answer[at - 1].Text is "of" or "be" or "called" && answer[Math.Max(0, at - 2)].Text is "instead" or "not"));

    private static bool StandAt(List<Word> answer, int at, List<Word> wanted)
    {
        if (at < 0 || at + wanted.Count > answer.Count)
        {
            return false;
        }

        for (var i = 0; i < wanted.Count; i++)
        {
            if (!Same(answer[at + i].Text, wanted[i].Text))
            {
                return false;
            }
        }

        return true;
    }

    private static bool EndsBefore(List<Word> answer, int at) => at == 0 || answer[at - 1].Break || Plain.Contains(answer[at - 1].Text);

    private static bool EndsAfter(List<Word> answer, int last) =>
        answer[last].Break || last + 1 == answer.Count || Plain.Contains(answer[last + 1].Text);

    // "Andorra" and "Andorra la Vella"; but "positive" and "very positive" are two labels.
    private static bool Overlaps(List<Word> answer, List<Word> wanted)
    {
        if (wanted.Exists(word => Modifiers.Contains(word.Text)) != answer.Exists(word => Modifiers.Contains(word.Text)))
        {
            return false;
        }

        var texts = Own(wanted);
        var own = Own(answer);
        var shared = own.Count(texts.Contains);
        return shared > 0 && (shared == own.Count || shared == texts.Count || shared * 3 >= 2 * Math.Max(own.Count, texts.Count))
            && own.Where(HasDigit).ToHashSet().SetEquals(texts.Where(HasDigit));
    }

    /// <summary>Whether words say anything of themselves.</summary>
    public static bool HasOwn(List<Word> words) => Own(words).Count > 0;

    private static HashSet<string> Own(List<Word> words) =>
        [.. words.Select(word => word.Text).Where(word => !Plain.Contains(word) && !Modifiers.Contains(word))];

    private static bool HasDigit(string word) => word.Any(char.IsDigit);

    // One muscle and several are one answer.
    private static bool Same(string one, string other) => one == other
        || (Math.Min(one.Length, other.Length) >= 4 && Math.Abs(one.Length - other.Length) is 1 or 2 && !HasDigit(one)
            && (one == other + "s" || other == one + "s" || one == other + "es" || other == one + "es"));

    private static bool IsWithin(string text, int i) =>
        char.IsLetterOrDigit(text[i]) || char.IsSurrogate(text[i])
        || char.GetUnicodeCategory(text[i]) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
        || (i > 0 && i + 1 < text.Length && char.IsLetterOrDigit(text[i - 1]) && char.IsLetterOrDigit(text[i + 1])
            && (text[i] is '\'' or '’' || (text[i] is '.' or ',' && char.IsDigit(text[i + 1]))));
}
