namespace Orca.Serving.Admission;

/// <summary>
/// The order in which tenants' requests are taken: start-time fair queueing over tokens. Among tenants that wait, the one
/// that has had the fewest tokens for its weight is next; among a tenant's own, rank decides. Knows no clock and no limits.
/// Not thread-safe.
/// </summary>
/// <remarks>
/// While two tenants both wait, what each has had, divided by its weight, differs by no more than one largest request of
/// each, divided likewise: nobody starves, however much another sends. What does not fit when its turn has come lets other
/// tenants pass <see cref="MaxPassedOver"/> times, and then holds everyone until it fits.
/// </remarks>
/// <param name="weightOf">A tenant's weight, above 0.</param>
internal sealed class FairQueue<T>(Func<string, double> weightOf)
{
    /// <summary>Times that one which does not fit is passed over before it holds everyone.</summary>
    public const int MaxPassedOver = 32;

    // A tenant nobody has in flight is forgotten beyond this many, so that made-up names do not fill memory.
    private const int MaxIdleTenants = 1_024;

    private readonly Dictionary<string, TenantLine<T>> lines = new(StringComparer.Ordinal);
    private double virtualTime;
    private long lastNumber;

    /// <summary>Tenants known.</summary>
    public int Tenants => lines.Count;

    /// <summary>Requests that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Tokens of those that wait.</summary>
    public long Tokens { get; private set; }

    /// <summary>Tokens of prompts among <see cref="Tokens"/>.</summary>
    public long PromptTokens { get; private set; }

    /// <summary>Weights of the tenants that wait, together.</summary>
    public double WaitingWeight => lines.Values.Where(line => line.Waiting > 0).Sum(line => line.Weight);

    /// <summary>One tenant's requests.</summary>
    public TenantLine<T> LineOf(string tenant)
    {
        if (!lines.TryGetValue(tenant, out var line))
        {
            ForgetIdle();
            line = lines[tenant] = new TenantLine<T>(weightOf(tenant));
        }

        return line;
    }

    /// <summary>Adds one that waits. It is in flight until <see cref="Settle"/>.</summary>
    public void Add(Ticket<T> ticket)
    {
        ticket.Number = ++lastNumber;
        var line = LineOf(ticket.Tenant);
        line.Add(ticket, virtualTime);
        line.InFlight++;
        Count++;
        Tokens += ticket.Tokens;
        PromptTokens += ticket.PromptTokens;
    }

    /// <summary>Takes out one that waits, without a charge; false where it no longer does.</summary>
    public bool Remove(Ticket<T> ticket)
    {
        var isWaiting = lines.TryGetValue(ticket.Tenant, out var line) && line.Remove(ticket);
        if (isWaiting)
        {
            Count--;
            Tokens -= ticket.Tokens;
            PromptTokens -= ticket.PromptTokens;
        }

        return isWaiting;
    }

    /// <summary>Takes the next one that fits, and charges its tenant for all it may cost; null where there is none.</summary>
    public Ticket<T>? Take(Predicate<T> fits)
    {
        Ticket<T>? after = null;
        while (Next(after) is { } candidate)
        {
            if (fits(candidate.Item))
            {
                CountPassedOver(candidate);
                Charge(candidate);
                return candidate;
            }

            if (candidate.PassedOver >= MaxPassedOver)
            {
                return null;
            }

            after = candidate;
        }

        return null;
    }

    /// <summary>One that is over: it is no longer in flight, and what it was charged but did not use is given back.</summary>
    /// <param name="ticket">Taken before, or removed.</param>
    /// <param name="unused">Tokens of the charge that were not used; 0 where it was never charged.</param>
    public void Settle(Ticket<T> ticket, long unused)
    {
        var line = lines[ticket.Tenant];
        line.Charge(-unused);
        line.InFlight--;
    }

    private static (double Time, long Number) TurnOf(TenantLine<T> line, Ticket<T> first) => (line.VirtualTime, first.Number);

    private void Charge(Ticket<T> ticket)
    {
        var line = lines[ticket.Tenant];
        Remove(ticket);
        virtualTime = Math.Max(virtualTime, line.VirtualTime);
        line.Charge(ticket.Tokens);
    }

    /// <summary>The first of the tenant whose turn is next after that of <paramref name="after"/>; the very next where it is null.</summary>
    private Ticket<T>? Next(Ticket<T>? after)
    {
        var bound = after is null ? (double.NegativeInfinity, 0) : TurnOf(lines[after.Tenant], after);
        Ticket<T>? best = null;
        var bestTurn = (Time: double.PositiveInfinity, Number: long.MaxValue);
        foreach (var line in lines.Values)
        {
            if (line.First is { } first && TurnOf(line, first) is var turn && turn.CompareTo(bound) > 0 && turn.CompareTo(bestTurn) < 0)
            {
                (best, bestTurn) = (first, turn);
            }
        }

        return best;
    }

    private void CountPassedOver(Ticket<T> taken)
    {
        var turn = TurnOf(lines[taken.Tenant], taken);
        foreach (var line in lines.Values)
        {
            if (line.First is { } first && TurnOf(line, first).CompareTo(turn) < 0)
            {
                first.PassedOver++;
            }
        }
    }

    private void ForgetIdle()
    {
        if (lines.Count < MaxIdleTenants)
        {
            return;
        }

        foreach (var tenant in lines.Where(pair => pair.Value.InFlight == 0).Select(pair => pair.Key).ToList())
        {
            lines.Remove(tenant);
        }
    }
}
