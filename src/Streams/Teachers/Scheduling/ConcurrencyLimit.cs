namespace Orca.Streams.Teachers.Scheduling;

/// <summary>
/// How many calls an endpoint is given at once: more while that brings more answers a second, fewer where they only wait there, or fail.
/// </summary>
/// <remarks>
/// An endpoint works on as many calls as its rate times the latency that it has when it is not crowded (Little's law). It is given a few
/// times that, so that a queue of its own never runs dry and a rise of its rate shows; a server that queues in silence is thereby not
/// given its whole patience's worth. Where all places are taken, now and then fewer are in flight for a while, and the latency is measured
/// anew. Where many calls
/// fail the limit falls by a third, and rises by a quarter where few do (AIMD).
/// </remarks>
/// <param name="most">Never more than this.</param>
internal sealed class ConcurrencyLimit(int most)
{
    private const int First = 16;
    private const int LeastSamples = 20;
    private const double Headroom = 2.5;
    private const double ManyFailures = 0.25;
    private static readonly TimeSpan MeasureEvery = TimeSpan.FromMinutes(5);

    private readonly Queue<double> rates = new();
    private double ceiling = most;
    private TimeSpan uncrowded = TimeSpan.MaxValue;
    private TimeSpan measuredAt;
    private bool isMeasuring;
    private TimeSpan since;
    private TimeSpan latencies;
    private int answers;
    private int failures;
    private bool wasFull;

    /// <summary>Calls that may be in flight now.</summary>
    public int Current { get; private set; } = Math.Min(most, First);

    /// <summary>So many are in flight, a new one among them.</summary>
    public void Started(int inFlight) => wasFull |= inFlight >= Current;

    /// <summary>A call was answered.</summary>
    public void Answered(TimeSpan now, TimeSpan started, TimeSpan latency)
    {
        // What began in the crowd tells nothing of the latency without one.
        if (!isMeasuring || started >= since)
        {
            latencies += latency;
            answers++;
            Look(now);
        }
    }

    /// <summary>A call failed in a way that too many calls at once can make it fail.</summary>
    public void Failed(TimeSpan now)
    {
        failures++;
        Look(now);
    }

    private void Look(TimeSpan now)
    {
        // Enough to tell chance from change; but a few calls at once are not kept few for long.
        if (answers + failures < Math.Max(Current, Math.Min(LeastSamples, 4 * Current)))
        {
            return;
        }

        var isFailing = failures > ManyFailures * (answers + failures);
        ceiling = isFailing ? Math.Max(1, Math.Min(ceiling, Current) / 1.5) : Math.Min(most, Math.Max(ceiling * 1.25, ceiling + 1));
        if (answers > 0 && !isFailing)
        {
            Measure(now, latencies / answers);
        }

        Current = Math.Clamp(Wanted(now), 1, Math.Max(1, (int)Math.Min(most, ceiling)));
        (since, latencies, answers, failures, wasFull) = (now, TimeSpan.Zero, 0, 0, false);
    }

    private void Measure(TimeSpan now, TimeSpan latency)
    {
        if (isMeasuring || latency < uncrowded)
        {
            (uncrowded, measuredAt) = (latency, isMeasuring || uncrowded == TimeSpan.MaxValue ? now : measuredAt);
        }

        if (wasFull && !isMeasuring && now > since)
        {
            rates.Enqueue(answers / (now - since).TotalSeconds);
            while (rates.Count > 3)
            {
                rates.Dequeue();
            }
        }
    }

    private int Wanted(TimeSpan now)
    {
        if (rates.Count == 0)
        {
            return Math.Min(most, First);
        }

        var working = rates.Max() * uncrowded.TotalSeconds;
        isMeasuring = !isMeasuring && wasFull && now - measuredAt > MeasureEvery && Current > LeastSamples;
        return isMeasuring ? (int)Math.Ceiling(working / 2) : Math.Max(Math.Min(most, First), (int)Math.Ceiling(working * Headroom));
    }
}
