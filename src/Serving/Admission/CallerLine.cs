namespace Orca.Serving.Admission;

/// <summary>
/// One caller's requests, by the tenants that it names, and what it has had of the engine. Among its tenants, who has had least is
/// next.
/// </summary>
/// <param name="weightOf">A tenant's weight among this caller's, above 0.</param>
/// <param name="weight">The caller's share, against the others'.</param>
internal sealed class CallerLine<T>(Func<string, double> weightOf, double weight)
{
    // A tenant nobody has in flight is forgotten beyond this many, so that made-up names do not fill memory.
    private const int MaxIdleTenants = 256;

    private readonly Dictionary<string, TenantLine<T>> tenants = new(StringComparer.Ordinal);
    private readonly List<TenantLine<T>> waiting = [];
    private double virtualTimeOfTenants;

    /// <summary>Tokens it has been given, divided by its weight: who has least is next.</summary>
    public double VirtualTime { get; private set; }

    /// <summary>Its share, against the others'.</summary>
    public double Weight => weight;

    /// <summary>Tenants known.</summary>
    public int Tenants => tenants.Count;

    /// <summary>Requests that wait.</summary>
    public int Waiting { get; private set; }

    /// <summary>Tokens of those that wait.</summary>
    public long WaitingTokens { get; private set; }

    /// <summary>Requests that wait or run.</summary>
    public int InFlight { get; private set; }

    /// <summary>Weights of its tenants that wait, together.</summary>
    public double WaitingWeight
    {
        get
        {
            var sum = 0.0;
            foreach (var line in waiting)
            {
                sum += line.Weight;
            }

            return sum;
        }
    }

    /// <summary>Those that wait, the one that goes last first.</summary>
    public IEnumerable<Ticket<T>> FromTheLast =>
        waiting.SelectMany(line => line.All).OrderByDescending(ticket => (ticket.Rank, ticket.Number));

    /// <summary>One tenant's requests.</summary>
    public TenantLine<T> LineOf(string tenant)
    {
        if (!tenants.TryGetValue(tenant, out var line))
        {
            ForgetIdle();
            line = tenants[tenant] = new TenantLine<T>(weightOf(tenant));
        }

        return line;
    }

    /// <summary>Adds one that waits; a caller that comes back after a pause has saved nothing up.</summary>
    public void Add(Ticket<T> ticket, double now)
    {
        if (Waiting == 0)
        {
            VirtualTime = Math.Max(VirtualTime, now);
        }

        var line = LineOf(ticket.Tenant);
        if (line.Waiting == 0)
        {
            waiting.Add(line);
        }

        line.Add(ticket, virtualTimeOfTenants);
        line.InFlight++;
        InFlight++;
        Waiting++;
        WaitingTokens += ticket.Tokens;
    }

    /// <summary>Takes one out, wherever it stands; false where it does not wait here.</summary>
    public bool Remove(Ticket<T> ticket)
    {
        if (!tenants.TryGetValue(ticket.Tenant, out var line) || !line.Remove(ticket))
        {
            return false;
        }

        if (line.Waiting == 0)
        {
            waiting.Remove(line);
        }

        Waiting--;
        WaitingTokens -= ticket.Tokens;
        return true;
    }

    /// <summary>Takes out one that is being given what it may cost, which is charged.</summary>
    public void Take(Ticket<T> ticket)
    {
        var line = tenants[ticket.Tenant];
        virtualTimeOfTenants = Math.Max(virtualTimeOfTenants, line.VirtualTime);
        Remove(ticket);
        Charge(line, ticket.Tokens);
    }

    /// <summary>One that is over: it is no longer in flight, and what it was charged but did not use is given back.</summary>
    public void Settle(Ticket<T> ticket, long unused)
    {
        var line = tenants[ticket.Tenant];
        Charge(line, -unused);
        line.InFlight--;
        InFlight--;
    }

    /// <summary>
    /// The first of the tenant whose turn is next after that of <paramref name="after"/>'s; the very next where it is null.
    /// </summary>
    public Ticket<T>? Next(Ticket<T>? after)
    {
        var bound = after is null ? (double.NegativeInfinity, 0) : TurnOf(tenants[after.Tenant], after);
        Ticket<T>? best = null;
        var bestTurn = (Time: double.PositiveInfinity, Number: long.MaxValue);
        foreach (var line in waiting)
        {
            if (line.First is { } first && TurnOf(line, first) is var turn && turn.CompareTo(bound) > 0 && turn.CompareTo(bestTurn) < 0)
            {
                (best, bestTurn) = (first, turn);
            }
        }

        return best;
    }

    private static (double Time, long Number) TurnOf(TenantLine<T> line, Ticket<T> first) => (line.VirtualTime, first.Number);

    private void Charge(TenantLine<T> line, long tokens)
    {
        line.Charge(tokens);
        VirtualTime += tokens / weight;
    }

    private void ForgetIdle()
    {
        if (tenants.Count < MaxIdleTenants)
        {
            return;
        }

        foreach (var tenant in tenants.Where(pair => pair.Value.InFlight == 0).Select(pair => pair.Key).ToList())
        {
            tenants.Remove(tenant);
        }
    }
}
