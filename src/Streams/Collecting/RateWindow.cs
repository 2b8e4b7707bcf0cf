namespace Orca.Streams.Collecting;

/// <summary>Events in a second, over the last <see cref="Seconds"/> seconds.</summary>
internal sealed class RateWindow(TimeProvider time)
{
    private const int Seconds = 10;
    private readonly Lock gate = new();
    private readonly long[] counts = new long[Seconds + 1];
    private readonly long start = time.GetTimestamp();
    private long current;

    public void Count()
    {
        lock (gate)
        {
            counts[Advance() % counts.Length]++;
        }
    }

    /// <summary>Of the full seconds that have passed; of the first, unfinished one while there is no other.</summary>
    public double PerSecond()
    {
        lock (gate)
        {
            var second = Advance();
            return second == 0 ? counts[0] : (counts.Sum() - counts[second % counts.Length]) / (double)Math.Min(second, Seconds);
        }
    }

    private long Advance()
    {
        var second = (long)time.GetElapsedTime(start).TotalSeconds;
        for (var cleared = Math.Max(current + 1, second - Seconds); cleared <= second; cleared++)
        {
            counts[cleared % counts.Length] = 0;
        }

        current = Math.Max(current, second);
        return current;
    }
}
