namespace Orca.Streams.Scoring;

/// <summary>How many of their words two texts share.</summary>
internal static class SharedWords
{
    /// <summary>The set of words of a folded text.</summary>
    public static HashSet<string> In(string folded) =>
        [.. folded.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Trim('.', ',', ';', ':', '!', '?'))];

    /// <summary>The Jaccard similarity of two sets of words, 0 to 1.</summary>
    public static double Similarity(HashSet<string> words, HashSet<string> others)
    {
        var shared = words.Count(others.Contains);
        var all = words.Count + others.Count - shared;
        return all == 0 ? 0 : (double)shared / all;
    }
}
