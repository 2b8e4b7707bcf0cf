namespace Orca.Streams.Collecting;

/// <summary>Queries end in any order; tells up to which one all have.</summary>
internal sealed class SettledPrefix
{
    private readonly Lock gate = new();
    private readonly Dictionary<long, CollectorPosition> settled = [];
    private long next;

    /// <summary>
    /// Query number <paramref name="sequence"/> has ended; returns the position after the last one before which all have, null where
    /// that has not moved.
    /// </summary>
    public CollectorPosition? Settle(long sequence, CollectorPosition after)
    {
        lock (gate)
        {
            settled.Add(sequence, after);
            CollectorPosition? reached = null;
            while (settled.Remove(next, out var position))
            {
                reached = position;
                next++;
            }

            return reached;
        }
    }
}
