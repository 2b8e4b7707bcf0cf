namespace Orca.Streams.Teachers.Scheduling;

/// <summary>
/// What an endpoint allows in a minute, of requests or of tokens: tells when the next call fits, and is told afterwards how much it used.
/// </summary>
/// <remarks>
/// Endpoints count in different ways, so two rules hold at once. Calls come evenly by what they are taken to use, save for a few
/// seconds' worth, as for one whose allowance fills evenly. And no call is made while what was used in the minute before, wherever it
/// begins, leaves no room for what it uses at once: requests and prompts are used when a call begins, answers when they are made. An
/// endpoint that turns calls away all the same counts otherwise, or others use it too: then a little less is used, and a little more
/// again with each call that goes well.
/// </remarks>
/// <param name="perMinute">The limit; null for none.</param>
internal sealed class Quota(double? perMinute)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // What a full minute, or the other quota, held back is made up for; an allowance that fills evenly holds far more.
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(10);

    // A little over a minute, since calls do not all travel equally long.
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60.3);

    // Each call that is turned away costs 0.3 % of the limit, each of 300 that are not gives that back: one in 300 or so is turned away.
    private const double Step = 0.003;
    private const double MostSlack = 0.03;
    private const int StepsRegainedAfter = 300;

    // What a header says of less than one in a day is nonsense.
    private const double LeastLimit = 1.0 / (24 * 60);

    private readonly Queue<QuotaUse> uses = new();
    private double? own = perMinute;
    private double? learned;
    private double slack;
    private double used;
    private TimeSpan evenly;

    /// <summary>The limit; null where none is known.</summary>
    public double? PerMinute => own is { } set && learned is { } said ? Math.Min(set, said) : own ?? learned;

    /// <summary>The endpoint itself names a limit, which holds where it is the lower one.</summary>
    public void Learn(double limit)
    {
        if (limit >= LeastLimit && !(learned <= limit))
        {
            learned = limit;
        }
    }

    /// <summary>Another limit is set; what was used before counts, and what the endpoint itself names holds besides.</summary>
    /// <param name="now">The time.</param>
    /// <param name="perMinute">The limit; null for none.</param>
    public void Limit(TimeSpan now, double? perMinute)
    {
        var before = PerMinute;
        own = perMinute;
        if (before is { } former && PerMinute is { } limit && evenly > now)
        {
            // What is under way takes as much of the minute as it would have by this limit.
            evenly = now + ((evenly - now) * (former / limit));
        }
    }

    /// <summary>The endpoint turned a call away that should have fitted.</summary>
    public void Yield() => slack = Math.Min(MostSlack, slack + Step);

    /// <summary>When a call fits: now, or later. One that uses more than the limit fits a minute that holds nothing else.</summary>
    /// <param name="now">The time.</param>
    /// <param name="atOnce">How much it uses when it begins.</param>
    public TimeSpan ReadyAt(TimeSpan now, double atOnce)
    {
        if (PerMinute is not { } whole)
        {
            return now;
        }

        Forget(now);
        var ready = Max(now, evenly - Burst);
        var excess = used + atOnce - (whole * (1 - slack));
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

    /// <summary>A call begins now.</summary>
    /// <param name="now">The time.</param>
    /// <param name="atOnce">How much it uses when it begins.</param>
    /// <param name="expected">How much it is taken to use in all.</param>
    public QuotaUse Take(TimeSpan now, double atOnce, double expected)
    {
        // Where no limit is known yet it is counted all the same: one may be set.
        Forget(now);
        var use = new QuotaUse(now, atOnce, expected) { IsPaced = PerMinute is not null };
        if (PerMinute is { } limit)
        {
            evenly = Max(evenly, now) + (Minute * (expected / limit));
        }

        Count(use);
        return use;
    }

    /// <summary>A call has ended: how much it used in all.</summary>
    public void Settle(TimeSpan now, QuotaUse use, double actual)
    {
        Forget(now);
        if (use.IsPaced && PerMinute is { } limit)
        {
            evenly += Minute * ((actual - use.Expected) / limit);
        }

        slack = Math.Max(0, slack - (Step / StepsRegainedAfter));
        var rest = actual - use.Amount;
        if (rest > 0)
        {
            Count(new QuotaUse(now, rest, rest));
        }
        else if (!use.IsOver)
        {
            used += rest;
            use.Amount = actual;
        }
    }

    private void Count(QuotaUse use)
    {
        used += use.Amount;
        uses.Enqueue(use);
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
/// <param name="at">When it was used.</param>
/// <param name="amount">How much.</param>
/// <param name="expected">How much its call is taken to use in all.</param>
internal sealed class QuotaUse(TimeSpan at, double amount, double expected)
{
    public TimeSpan At { get; } = at;

    public double Amount { get; set; } = amount;

    public double Expected { get; } = expected;

    public bool IsOver { get; set; }

    /// <summary>Whether what it is taken to use was spread over time when it began.</summary>
    public bool IsPaced { get; init; }
}
