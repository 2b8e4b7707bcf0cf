namespace Orca.Streams.Curricula.Watching;

/// <summary>
/// What has happened in this process's part of a run, for any number of watchers, who each read on from a place: none is waited for, and
/// what it reads costs no memory of its own. The one owner of its events. Safe to use from several threads.
/// </summary>
/// <remarks>
/// Bounded: the oldest events are forgotten, and whoever asks for them is told of the gap. Steps of one second are remembered as one; of
/// statuses only the newest. Places are microseconds of the process's start and onwards, so that one of an earlier start is known as such.
/// </remarks>
public sealed class RunHistory
{
    /// <summary>Events remembered, unless it is said otherwise: some hours of steps.</summary>
    public const int DefaultCapacity = 16_384;

    private const long PlacesPerMillisecond = 1_000;
    private static readonly TimeSpan StepsWindow = TimeSpan.FromSeconds(1);

    private readonly TimeProvider clock;
    private readonly Lock gate = new();
    private readonly RunRecord[] ring;
    private readonly long start;
    private int oldest;
    private int count;
    private long sequence;
    private long forgotten;
    private RunRecord? status;
    private (StepsEvent Steps, DateTimeOffset Time, long OpenedAt)? open;
    private volatile RunMeasures measures = RunMeasures.None;

    /// <summary>An empty history, which begins now.</summary>
    /// <param name="clock">Tells the time.</param>
    /// <param name="capacity">Events remembered.</param>
    public RunHistory(TimeProvider clock, int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        this.clock = clock;
        ring = new RunRecord[capacity];
        start = clock.GetUtcNow().ToUnixTimeMilliseconds() * PlacesPerMillisecond;
        (sequence, forgotten) = (start, start);
    }

    /// <summary>What is known of the run beside the curriculum's status; told with the next one.</summary>
    public RunMeasures Measures
    {
        get => measures;
        set => measures = value;
    }

    /// <summary>Remembers an event.</summary>
    public void Append(RunEvent happened)
    {
        lock (gate)
        {
            switch (happened)
            {
                case StatusEvent:
                    status = new RunRecord(++sequence, clock.GetUtcNow(), happened);
                    break;
                case StepsEvent steps:
                    Append(steps);
                    break;
                default:
                    Close();
                    Remember(happened, clock.GetUtcNow());
                    break;
            }
        }
    }

    /// <summary>Reads on from a place.</summary>
    /// <param name="after">Place of the last event that is known; null for all that is remembered.</param>
    /// <param name="most">Events read at most, 1 or more; one more where a status is among them.</param>
    public RunReading Read(long? after, int most)
    {
        lock (gate)
        {
            CloseWhenDue();
            var gap = after is { } known ? GapAfter(known) : null;
            var from = gap?.Sequence ?? after ?? start;
            var first = FirstAfter(Math.Max(from, forgotten));
            var read = Math.Min(most, count - first);
            var isLast = first + read == count;
            var records = Enumerable.Range(first, read).Select(At);
            var end = isLast ? sequence : At(first + read - 1).Sequence;
            return new RunReading(
                gap,
                status is { } newest && newest.Sequence > from && newest.Sequence <= end
                    ? [.. records.Append(newest).OrderBy(record => record.Sequence)]
                    : [.. records],
                end, isLast);
        }
    }

    private void Append(StepsEvent steps)
    {
        if (open is { } begun && clock.GetElapsedTime(begun.OpenedAt) < StepsWindow)
        {
            open = (begun.Steps.With(steps), clock.GetUtcNow(), begun.OpenedAt);
            return;
        }

        Close();
        open = (steps, clock.GetUtcNow(), clock.GetTimestamp());
    }

    private void CloseWhenDue()
    {
        if (open is { } begun && clock.GetElapsedTime(begun.OpenedAt) >= StepsWindow)
        {
            Close();
        }
    }

    private void Close()
    {
        if (open is { } begun)
        {
            open = null;
            Remember(begun.Steps, begun.Time);
        }
    }

    private void Remember(RunEvent happened, DateTimeOffset time)
    {
        if (count == ring.Length)
        {
            forgotten = ring[oldest].Sequence;
            oldest = (oldest + 1) % ring.Length;
            count--;
        }

        ring[(oldest + count++) % ring.Length] = new RunRecord(++sequence, time, happened);
    }

    // A status that the reader has not seen is told after the gap, whatever its place.
    private RunGap? GapAfter(long known)
    {
        var isOther = known < start || known > sequence;
        return !isOther && known >= forgotten ? null : new RunGap(
            status is { } newest && (isOther || newest.Sequence > known) ? Math.Min(forgotten, newest.Sequence - 1) : forgotten,
            isOther, isOther ? 0 : forgotten - known, count > 0 ? At(0).Time : null);
    }

    private RunRecord At(int index) => ring[(oldest + index) % ring.Length];

    private int FirstAfter(long place)
    {
        var (low, high) = (0, count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = At(middle).Sequence > place ? (low, middle) : (middle + 1, high);
        }

        return low;
    }
}
