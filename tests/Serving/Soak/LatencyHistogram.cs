namespace Orca.Serving.Tests.Soak;

/// <summary>
/// Counts durations, so that a soak that measures memory takes none for what it has measured. Within 2 % of each; added to from many
/// threads.
/// </summary>
internal sealed class LatencyHistogram
{
    private const double Least = 0.001;
    private const double Step = 1.02;

    // Up to three minutes.
    private readonly long[] counts = new long[1_000];

    /// <summary>Durations counted.</summary>
    public long Count => counts.Sum();

    /// <summary>Counts a duration in milliseconds.</summary>
    public void Add(double milliseconds) =>
        Interlocked.Increment(ref counts[Math.Clamp((int)(Math.Log(milliseconds / Least) / Math.Log(Step)), 0, counts.Length - 1)]);

    /// <summary>What a share of them is below, in milliseconds; 0 where there are none.</summary>
    public double Percentile(double share)
    {
        var left = share * Count;
        for (var bucket = 0; bucket < counts.Length; bucket++)
        {
            left -= counts[bucket];
            if (left < 0)
            {
                return Least * Math.Pow(Step, bucket + 1);
            }
        }

        return 0;
    }
}
