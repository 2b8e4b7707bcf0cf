namespace Orca.Serving.Admission;

/// <summary>One tenant's requests: those that wait, by rank, and what it has had of its caller's part of the engine.</summary>
/// <param name="weight">Its share, against those of the same caller's other tenants.</param>
internal sealed class TenantLine<T>(double weight)
{
    private static readonly Comparer<Ticket<T>> ByRank = Comparer<Ticket<T>>.Create(
        (left, right) => (left.Rank, left.Number).CompareTo((right.Rank, right.Number)));

    private readonly SortedSet<Ticket<T>> waiting = new(ByRank);

    /// <summary>Tokens it has been given, divided by its weight: who has least is next.</summary>
    public double VirtualTime { get; private set; }

    /// <summary>Those that wait.</summary>
    public IEnumerable<Ticket<T>> All => waiting;

    /// <summary>The one that goes first; null where none waits.</summary>
    public Ticket<T>? First => waiting.Min;

    /// <summary>Requests that wait.</summary>
    public int Waiting => waiting.Count;

    /// <summary>Tokens of those that wait.</summary>
    public long WaitingTokens { get; private set; }

    /// <summary>Requests that wait or run.</summary>
    public int InFlight { get; set; }

    /// <summary>Its share, against those of the same caller's other tenants.</summary>
    public double Weight => weight;

    /// <summary>Adds one; who comes back after a pause has saved nothing up.</summary>
    public void Add(Ticket<T> ticket, double now)
    {
        if (waiting.Count == 0)
        {
            VirtualTime = Math.Max(VirtualTime, now);
        }

        waiting.Add(ticket);
        WaitingTokens += ticket.Tokens;
    }

    /// <summary>Takes one out, wherever it stands; false where it does not wait here.</summary>
    public bool Remove(Ticket<T> ticket)
    {
        if (!waiting.Remove(ticket))
        {
            return false;
        }

        WaitingTokens -= ticket.Tokens;
        return true;
    }

    /// <summary>Charges tokens that are being given; a negative number gives those back that were not needed.</summary>
    public void Charge(long tokens) => VirtualTime += tokens / weight;
}
