using Orca.Serving.Batching;

namespace Orca.Serving.Admission;

/// <summary>Ends the requests that have waited as long as they may, at that time, whatever the engine is busy with.</summary>
internal sealed class QueueExpiry : IDisposable
{
    private readonly Lock gate = new();
    private readonly AdmissionQueue queue;
    private readonly TimeProvider clock;
    private readonly Action<Sequence> expire;
    private readonly ITimer timer;

    /// <param name="queue">Where they wait.</param>
    /// <param name="clock">The queue's.</param>
    /// <param name="expire">Called with each one, which waits no longer.</param>
    public QueueExpiry(AdmissionQueue queue, TimeProvider clock, Action<Sequence> expire)
    {
        (this.queue, this.clock, this.expire) = (queue, clock, expire);
        timer = clock.CreateTimer(_ => Expire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Looks when the next one expires: after one has come that does.</summary>
    public void Arm()
    {
        lock (gate)
        {
            if (queue.NextExpiry is { } at)
            {
                var left = TimeSpan.FromSeconds((double)(at - clock.GetTimestamp()) / clock.TimestampFrequency);
                timer.Change(Bounded(left), Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose() => timer.Dispose();

    // A timer takes no more than 49 days, and whole milliseconds: one more, so that it never comes too early.
    private static TimeSpan Bounded(TimeSpan left) =>
        TimeSpan.FromMilliseconds(Math.Clamp(Math.Floor(left.TotalMilliseconds) + 1, 0, TimeSpan.FromDays(1).TotalMilliseconds));

    private void Expire()
    {
        foreach (var sequence in queue.TakeExpired(clock.GetTimestamp()))
        {
            expire(sequence);
        }

        Arm();
    }
}
