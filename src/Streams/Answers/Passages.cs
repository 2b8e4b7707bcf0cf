using System.Text.RegularExpressions;

namespace Orca.Streams.Answers;

/// <summary>Sentences and lines at the ends of a text: where an answer stands. None is longer than <see cref="Longest"/>.</summary>
internal static partial class Passages
{
    /// <summary>Characters; a sentence of more is cut, at its far end from the text's end it was taken from.</summary>
    public const int Longest = 1000;

    private static readonly string[] Titles = ["St", "Mr", "Mrs", "Ms", "Dr", "Jr", "Sr", "vs", "Prof", "e.g", "i.e"];

    /// <summary>The first line that is not blank, without space around it.</summary>
    public static string FirstLine(string text)
    {
        var rest = text.AsSpan().TrimStart();
        rest = rest[..Math.Min(rest.Length, Longest)];
        var end = rest.IndexOf('\n');
        return rest[..(end < 0 ? rest.Length : end)].Trim().ToString();
    }

    /// <summary>The first sentence, without its final sign.</summary>
    public static string FirstSentence(string text)
    {
        var line = FirstLine(text);
        for (var i = 1; i < line.Length; i++)
        {
            if (EndsSentence(line, i))
            {
                return line[..i];
            }
        }

        return line;
    }

    /// <summary>The last sentence of the last line that is not blank, without its final sign.</summary>
    public static string LastSentence(string text)
    {
        var rest = text.AsSpan().TrimEnd();
        var line = rest[Math.Max(0, rest.Length - Longest)..];
        line = line[(line.LastIndexOf('\n') + 1)..].Trim();
        var sentence = line.ToString();
        for (var i = sentence.Length - 2; i > 0; i--)
        {
            if (EndsSentence(sentence, i))
            {
                return sentence[(i + 1)..].Trim();
            }
        }

        return sentence;
    }

    /// <summary>The last sentence without "Therefore," or the like before it; null where it has no such beginning.</summary>
    public static string? Conclusion(string text)
    {
        var last = LastSentence(text);
        return Concluding().Match(last) is { Success: true } match ? last[match.Length..] : null;
    }

    /// <summary>What stands before a colon, a semicolon or a "because".</summary>
    public static string UpToReason(string line) =>
        Reason().Match(line) is { Success: true, Index: > 0 } reason ? line[..reason.Index] : line;

    /// <summary>The sentence that leads up to a place in a text.</summary>
    public static string SentenceBefore(string text, int place) => LastSentence(text[Math.Max(0, place - Longest)..place]);

    /// <summary>Whether the sign at a place ends a sentence; that of an initial, a title or a decimal does not.</summary>
    public static bool EndsSentence(string text, int at)
    {
        if (text[at] is not ('.' or '!' or '?') || char.IsWhiteSpace(text[at - 1])
            || (at + 1 < text.Length && !char.IsWhiteSpace(text[at + 1]) && text[at + 1] is not ('*' or '"' or '”' or '_' or ')')))
        {
            return false;
        }

        var isInitial = at >= 2 && char.IsUpper(text[at - 1]) && (text[at - 2] is ' ' or '.');
        return text[at] != '.' || at + 1 == text.Length
            || !(isInitial || Titles.Any(title => text.AsSpan(0, at).EndsWith(title, StringComparison.Ordinal)
                && (at == title.Length || !char.IsLetter(text[at - title.Length - 1]))));
    }

    [GeneratedRegex(
        @"^(?:\W{0,3}step\s\d{1,3}\W{1,3})?[*_]{0,3}(?:(?:and\s)?(?:so|thus|hence|therefore|then|finally|overall|ultimately|consequently|accordingly|in\s(?:conclusion|short|summary|sum|total)|as\sa\sresult|to\s(?:conclude|sum\sup)|all\sin\sall)\b[,:]?\s{0,3}){1,3}",
        RegexOptions.IgnoreCase)]
    private static partial Regex Concluding();

    [GeneratedRegex(@"[:;]\s|,?\s(?:because|since)\s", RegexOptions.IgnoreCase)]
    private static partial Regex Reason();
}
