namespace Orca.Serving.Batching;

/// <summary>The requests that wait for a slot, first come, first served. Safe to use from several threads.</summary>
internal sealed class AdmissionQueue(int capacity)
{
    private readonly Lock gate = new();
    private readonly LinkedList<Sequence> waiting = [];

    /// <summary>Requests that wait.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return waiting.Count;
            }
        }
    }

    /// <summary>Adds a request at the end; false where the queue is full.</summary>
    public bool TryEnqueue(Sequence sequence)
    {
        lock (gate)
        {
            if (waiting.Count >= capacity)
            {
                return false;
            }

            waiting.AddLast(sequence);
            return true;
        }
    }

    /// <summary>Takes the first request; null where none waits.</summary>
    public Sequence? TryDequeue()
    {
        lock (gate)
        {
            var first = waiting.First;
            if (first is not null)
            {
                waiting.RemoveFirst();
            }

            return first?.Value;
        }
    }

    /// <summary>Takes a request out, wherever it stands; false where it no longer waits.</summary>
    public bool Remove(Sequence sequence)
    {
        lock (gate)
        {
            return waiting.Remove(sequence);
        }
    }
}
