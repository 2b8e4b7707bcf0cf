namespace Orca.Streams.Teachers.Scheduling;

/// <summary>
/// What an endpoint allows in a minute, of requests or of tokens: tells when the next use fits, and is told afterwards how much it was.
/// </summary>
/// <remarks>
/// Endpoints count in different ways, so two rules hold at once: no minute, wherever it begins, holds more than the limit, and uses come
/// evenly, save for a second's worth. An endpoint that turns calls away all the same counts otherwise, or others use it too: then a little
/// less is used, and a little more again with each call that goes well.
/// </remarks>
/// <param name="perMinute">The limit; null for none.</param>
internal sealed class Quota(double? perMinute)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(1);

    // A little over a minute, since calls do not all travel equally long.
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60.3);

    // Each call that is turned away costs 0.3 % of the limit, each of 300 that are not gives that back: one in 300 or so is turned away.
    private const double Step = 0.003;
    private const double MostSlack = 0.03;
    private const int StepsRegainedAfter = 300;

    private readonly Queue<QuotaUse> uses = new();
    private double slack;
    private double used;
    private int open;
    private TimeSpan evenly;

    /// <summary>The limit; null where none is known.</summary>
    public double? PerMinute { get; private set; } = perMinute;

    /// <summary>The endpoint itself names a limit, which holds where it is the lower one.</summary>
    public void Learn(double limit)
    {
        if (limit > 0 && !(PerMinute <= limit))
        {
            PerMinute = limit;
        }
    }

    /// <summary>The endpoint turned a call away that should have fitted.</summary>
    public void Yield() => slack = Math.Min(MostSlack, slack + Step);

    /// <summary>When a use fits: now, or later. One that is more than the limit fits a minute that holds nothing else.</summary>
    /// <param name="now">The time.</param>
    /// <param name="amount">How much it is taken to be.</param>
    /// <param name="spread">By how much, about, uses turn out otherwise: room is left for those whose amount is not known yet.</param>
    public TimeSpan ReadyAt(TimeSpan now, double amount, double spread = 0)
    {
        if (PerMinute is not { } whole)
        {
            return now;
        }

        var limit = whole * (1 - slack);
        Forget(now);
        var ready = Max(now, evenly - Burst);
        var excess = used + amount + (spread * Math.Sqrt(open)) - limit;
        foreach (var use in uses)
        {
            if (excess <= 0)
            {
                break;
            }

            ready = Max(ready, use.At + Window);
            excess -= use.Amount;
        }

        return ready;
    }

    /// <summary>A use that begins now.</summary>
    public QuotaUse Take(TimeSpan now, double amount)
    {
        var use = new QuotaUse(now, amount);
        if (PerMinute is { } limit)
        {
            evenly = Max(evenly, now) + (Minute * (amount / limit));
            used += amount;
            open++;
            uses.Enqueue(use);
        }

        return use;
    }

    /// <summary>How much a use was in the end.</summary>
    public void Settle(QuotaUse use, double actual)
    {
        if (PerMinute is { } limit)
        {
            evenly += Minute * ((actual - use.Amount) / limit);
            used += use.IsOver ? 0 : actual - use.Amount;
            open = Math.Max(0, open - 1);
            slack = Math.Max(0, slack - (Step / StepsRegainedAfter));
        }

        use.Amount = actual;
    }

    private void Forget(TimeSpan now)
    {
        while (uses.TryPeek(out var oldest) && oldest.At + Window <= now)
        {
            uses.Dequeue();
            oldest.IsOver = true;
            used -= oldest.Amount;
        }
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}

/// <summary>One use of a quota.</summary>
/// <param name="at">When it began.</param>
/// <param name="amount">How much it is taken to be.</param>
internal sealed class QuotaUse(TimeSpan at, double amount)
{
    public TimeSpan At { get; } = at;

    public double Amount { get; set; } = amount;

    public bool IsOver { get; set; }
}
