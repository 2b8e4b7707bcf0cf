using Orca.Streams.Answers;

namespace Orca.Streams.Scoring;

/// <summary>How many of their words two texts share.</summary>
internal static class SharedWords
{
    /// <summary>The Jaccard similarity of their sets of words, 0 to 1, without differences of case.</summary>
    public static double Of(string one, string other)
    {
        var (words, others) = (WordsOf(one), WordsOf(other));
        var shared = words.Count(others.Contains);
        var all = words.Count + others.Count - shared;
        return all == 0 ? 0 : (double)shared / all;
    }

    private static HashSet<string> WordsOf(string text) =>
        [.. AnswerMatch.Fold(text).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Trim('.', ',', ';', ':', '!', '?'))];
}
