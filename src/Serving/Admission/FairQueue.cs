namespace Orca.Serving.Admission;

/// <summary>
/// The order in which requests are taken: start-time fair queueing over tokens, between callers first and then between the
/// tenants that a caller names. Among callers that wait, the one that has had the fewest tokens for its weight is next; so
/// among a caller's tenants; among a tenant's own, rank decides. Knows no clock and no limits. Not thread-safe.
/// </summary>
/// <remarks>
/// While two callers both wait, what each has had, divided by its weight, differs by no more than one largest request of
/// each, divided likewise, whatever tenants they name; and so for two tenants of one caller: nobody starves, however much
/// another sends. What does not fit when its turn has come lets others pass <see cref="MaxPassedOver"/> times, and then holds
/// everyone until it fits.
/// </remarks>
/// <param name="weightOf">A caller's or a tenant's weight, above 0.</param>
internal sealed class FairQueue<T>(Func<string, double> weightOf)
{
    /// <summary>Times that one which does not fit is passed over before it holds everyone.</summary>
    public const int MaxPassedOver = 32;

    // Of one caller's tenants so many are tried at a turn: looking for one that fits happens between two steps.
    private const int MaxTried = 8;

    // Callers are as many as there are keys; certificates could be more.
    private const int MaxIdleCallers = 1_024;

    private readonly Dictionary<string, CallerLine<T>> callers = new(StringComparer.Ordinal);
    private readonly List<CallerLine<T>> waiting = [];
    private readonly List<Ticket<T>> tried = [];
    private double virtualTime;
    private long lastNumber;

    /// <summary>Tenants known, of all callers.</summary>
    public int Tenants => callers.Values.Sum(caller => caller.Tenants);

    /// <summary>Requests that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Tokens of those that wait.</summary>
    public long Tokens { get; private set; }

    /// <summary>Tokens of prompts among <see cref="Tokens"/>.</summary>
    public long PromptTokens { get; private set; }

    /// <summary>The callers that wait.</summary>
    public IReadOnlyList<CallerLine<T>> WaitingCallers => waiting;

    /// <summary>Weights of the callers that wait, together.</summary>
    public double WaitingWeight
    {
        get
        {
            var sum = 0.0;
            foreach (var caller in waiting)
            {
                sum += caller.Weight;
            }

            return sum;
        }
    }

    /// <summary>One caller's requests.</summary>
    public CallerLine<T> CallerOf(string name)
    {
        if (!callers.TryGetValue(name, out var caller))
        {
            ForgetIdle();
            caller = callers[name] = new CallerLine<T>(weightOf, weightOf(name));
        }

        return caller;
    }

    /// <summary>One tenant's requests.</summary>
    public TenantLine<T> LineOf(string tenant, string caller = "") => CallerOf(caller).LineOf(tenant);

    /// <summary>Adds one that waits. It is in flight until <see cref="Settle"/>.</summary>
    public void Add(Ticket<T> ticket)
    {
        ticket.Number = ++lastNumber;
        var caller = CallerOf(ticket.Caller);
        if (caller.Waiting == 0)
        {
            waiting.Add(caller);
        }

        caller.Add(ticket, virtualTime);
        Count++;
        Tokens += ticket.Tokens;
        PromptTokens += ticket.PromptTokens;
    }

    /// <summary>Takes out one that waits, without a charge; false where it no longer does.</summary>
    public bool Remove(Ticket<T> ticket) =>
        callers.TryGetValue(ticket.Caller, out var caller) && caller.Remove(ticket) && Left(caller, ticket);

    /// <summary>Takes the next one that fits, and charges its tenant and caller for all it may cost; null where there is none.</summary>
    /// <param name="fits">Whether one fits.</param>
    /// <param name="mayCome">
    /// Whether it can be a caller's turn at all; null where it can be everyone's. Who cannot is not passed over.
    /// </param>
    public Ticket<T>? Take(Predicate<T> fits, Predicate<string>? mayCome = null)
    {
        tried.Clear();
        for (var caller = Next(null); caller is not null; caller = Next(caller))
        {
            if (mayCome is not null && !mayCome(caller.Next(null)!.Caller))
            {
                continue;
            }

            Ticket<T>? candidate = null;
            for (var i = 0; i < MaxTried && (candidate = caller.Next(candidate)) is not null; i++)
            {
                if (fits(candidate.Item))
                {
                    Take(caller, candidate);
                    return candidate;
                }

                if (candidate.PassedOver >= MaxPassedOver)
                {
                    return null;
                }

                tried.Add(candidate);
            }
        }

        return null;
    }

    /// <summary>One that is over: it is no longer in flight, and what it was charged but did not use is given back.</summary>
    /// <param name="ticket">Taken before, or removed.</param>
    /// <param name="unused">Tokens of the charge that were not used; 0 where it was never charged.</param>
    public void Settle(Ticket<T> ticket, long unused) => callers[ticket.Caller].Settle(ticket, unused);

    private void Take(CallerLine<T> caller, Ticket<T> ticket)
    {
        foreach (var passed in tried)
        {
            passed.PassedOver++;
        }

        virtualTime = Math.Max(virtualTime, caller.VirtualTime);
        caller.Take(ticket);
        Left(caller, ticket);
    }

    private bool Left(CallerLine<T> caller, Ticket<T> ticket)
    {
        if (caller.Waiting == 0)
        {
            waiting.Remove(caller);
        }

        Count--;
        Tokens -= ticket.Tokens;
        PromptTokens -= ticket.PromptTokens;
        return true;
    }

    /// <summary>The caller whose turn is next after that of <paramref name="after"/>; the very next where it is null.</summary>
    private CallerLine<T>? Next(CallerLine<T>? after)
    {
        var bound = after is null ? (double.NegativeInfinity, 0) : TurnOf(after);
        CallerLine<T>? best = null;
        var bestTurn = (Time: double.PositiveInfinity, Number: long.MaxValue);
        foreach (var caller in waiting)
        {
            if (TurnOf(caller) is var turn && turn.CompareTo(bound) > 0 && turn.CompareTo(bestTurn) < 0)
            {
                (best, bestTurn) = (caller, turn);
            }
        }

        return best;
    }

    private static (double Time, long Number) TurnOf(CallerLine<T> caller) => (caller.VirtualTime, caller.Next(null)!.Number);

    private void ForgetIdle()
    {
        if (callers.Count < MaxIdleCallers)
        {
            return;
        }

        foreach (var caller in callers.Where(pair => pair.Value.InFlight == 0).Select(pair => pair.Key).ToList())
        {
            callers.Remove(caller);
        }
    }
}
