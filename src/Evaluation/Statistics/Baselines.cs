namespace Orca.Evaluation.Statistics;

/// <summary>What one scores on a task without reading its questions, 0 to 1.</summary>
public static class Baselines
{
    /// <summary>Share that the most frequent answer gets right; 0 of nothing.</summary>
    /// <param name="golds">The right answer of each item; null where none is known.</param>
    public static double Majority(IReadOnlyCollection<string?> golds) =>
        Share(golds.OfType<string>().CountBy(gold => gold).Select(pair => pair.Value).DefaultIfEmpty().Max(), golds.Count);

    /// <summary>Share that the first option gets right, where options have letters; 0 of nothing.</summary>
    /// <param name="golds">The right answer of each item, a letter with or without brackets.</param>
    public static double FirstOption(IReadOnlyCollection<string?> golds) =>
        Share(golds.Count(gold => gold?.Trim('(', ')', ' ') == "A"), golds.Count);

    private static double Share(int count, int all) => all == 0 ? 0 : (double)count / all;
}
