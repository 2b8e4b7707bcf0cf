namespace Orca.Evaluation.Statistics;

/// <summary>McNemar's exact test: do two runs over the same items, each right or wrong, get equally many right?</summary>
/// <param name="OnlyFirst">Items which the first run alone got right.</param>
/// <param name="OnlySecond">Items which the second run alone got right.</param>
/// <remarks>
/// Q. McNemar, Psychometrika 12, 1947, in its binomial form: of the items on which they differ, each is as likely either's. Takes all
/// items together, whatever their task, so speaks of the item-weighted mean; <see cref="PairedComparison"/> of either.
/// </remarks>
public sealed record McNemar(int OnlyFirst, int OnlySecond)
{
    /// <summary>Two-sided p; never too small, so somewhat too large: at most 5 % of equal runs get 0.05 or less, mostly fewer.</summary>
    public double P => Math.Min(1, 2 * Tail(Fewer));

    /// <summary>Two-sided mid-p, which counts the outcome seen by half, so comes closer to 5 %.</summary>
    /// <remarks>M. W. Fagerland, S. Lydersen and P. Laake, BMC Medical Research Methodology 13, 2013.</remarks>
    public double MidP => Math.Min(1, Tail(Fewer) + (Fewer == 0 ? 0 : Tail(Fewer - 1)));

    private int Fewer => Math.Min(OnlyFirst, OnlySecond);

    /// <summary>Of two runs over the same items.</summary>
    /// <exception cref="ArgumentException">Items differ, or a mark is neither 0 nor 1.</exception>
    public static McNemar Of(IReadOnlyList<TaskMarks> first, IReadOnlyList<TaskMarks> second)
    {
        var items = ItemPairing.Of(first, second).SelectMany(task => task.Items).ToArray();
        return Of(items) ?? throw new ArgumentException(
            $"{items.Count(item => !item.IsRightOrWrong)} of {items.Length} items are marked between right (1) and wrong (0); "
                + "McNemar's test takes neither parts nor repeats that disagree: use the paired comparison.");
    }

    internal static McNemar? Of(ItemPair[] items) => items.All(item => item.IsRightOrWrong)
        ? new McNemar(items.Count(item => item.Difference < 0), items.Count(item => item.Difference > 0))
        : null;

    // Chance that of all items on which they differ at most so many are the one run's.
    private double Tail(int most) =>
        most >= OnlyFirst + OnlySecond ? 1 : IncompleteBeta.Regularized(OnlyFirst + OnlySecond - most, most + 1, 0.5);
}
