namespace Orca.Streams.Collecting;

/// <summary>Queries end in any order; tells up to which one the ends of all are written.</summary>
internal sealed class SettledPrefix
{
    private readonly Lock gate = new();
    private readonly Dictionary<long, CollectorPosition?> settled = [];
    private long next;
    private bool isBroken;

    /// <summary>
    /// The end of query number <paramref name="sequence"/> is being written; returns the position after the last one before which all
    /// have ended, null where that has not moved or <see cref="Break"/> was called.
    /// </summary>
    public CollectorPosition? Settle(long sequence, CollectorPosition? after)
    {
        lock (gate)
        {
            settled.Add(sequence, after);
            CollectorPosition? reached = null;
            while (settled.Remove(next, out var position))
            {
                reached = position ?? reached;
                next++;
            }

            return isBroken ? null : reached;
        }
    }

    /// <summary>What was being written is lost: no position may pass it, so there are no more.</summary>
    public void Break()
    {
        lock (gate)
        {
            isBroken = true;
        }
    }
}
