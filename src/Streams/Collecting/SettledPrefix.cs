namespace Orca.Streams.Collecting;

/// <summary>Queries end in any order; tells up to which one the ends of all are stored.</summary>
internal sealed class SettledPrefix
{
    private readonly Lock gate = new();
    private readonly Dictionary<long, CollectorPosition> settled = [];
    private CollectorPosition? reached;
    private long next;

    /// <summary>The end of query number <paramref name="sequence"/> is stored.</summary>
    public void Settle(long sequence, CollectorPosition after)
    {
        lock (gate)
        {
            settled.Add(sequence, after);
            while (settled.Remove(next, out var position))
            {
                reached = position;
                next++;
            }
        }
    }

    /// <summary>The position after the last query before which all are stored; null where it was taken already.</summary>
    public CollectorPosition? Take()
    {
        lock (gate)
        {
            var position = reached;
            reached = null;
            return position;
        }
    }
}
