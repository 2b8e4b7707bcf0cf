namespace Orca.Evaluation.Statistics;

/// <summary>A range that holds the true share with 95 % confidence.</summary>
/// <param name="Low">Its lower end, 0 to 1.</param>
/// <param name="High">Its upper end, 0 to 1.</param>
public sealed record Interval(double Low, double High)
{
    // Quantile of the normal distribution that leaves 2.5 % above it.
    private const double Z = 1.959964;

    /// <summary>
    /// Wilson's score interval for a share seen in a sample; sound also for few trials and for shares of 0 and 1,
    /// where the usual mean ± error is not.
    /// </summary>
    /// <param name="hits">Trials that succeeded, 0 to <paramref name="trials"/>.</param>
    /// <param name="trials">Trials made; 0 gives the whole range.</param>
    public static Interval Wilson(int hits, int trials)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(hits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hits, trials);
        if (trials == 0)
        {
            return new Interval(0, 1);
        }

        var share = (double)hits / trials;
        var scale = 1 + (Z * Z / trials);
        var centre = (share + (Z * Z / (2 * trials))) / scale;
        var half = Z / scale * Math.Sqrt((share * (1 - share) / trials) + (Z * Z / (4.0 * trials * trials)));
        return new Interval(Math.Max(0, centre - half), Math.Min(1, centre + half));
    }
}
