using Orca.Streams.Teachers.Endpoints;

namespace Orca.Streams.Teachers.Scheduling;

/// <summary>A call that is under way.</summary>
/// <param name="Endpoint">Where.</param>
/// <param name="Started">When it began.</param>
/// <param name="Requests">What it takes of the quota of requests.</param>
/// <param name="Tokens">What it is taken to need of the quota of tokens.</param>
/// <param name="IsTrial">Whether it tries if the endpoint is well again.</param>
internal sealed record Call(EndpointState Endpoint, TimeSpan Started, QuotaUse Requests, QuotaUse Tokens, bool IsTrial);

/// <summary>What is known of one endpoint while it is asked: when it may be asked next. Guarded by the scheduler.</summary>
internal sealed class EndpointState(TeacherEndpoint endpoint, SchedulerOptions options, BackOff backOff)
{
    private readonly Quota requests = new(endpoint.Options.RequestsPerMinute);
    private readonly Quota tokens = new(endpoint.Options.TokensPerMinute);
    private readonly ConcurrencyLimit concurrency = new(endpoint.Options.Concurrency);
    private readonly TokenEstimate estimate = new(endpoint.Options.MaxTokens);
    private readonly Circuit circuit = new(options, backOff);
    private int trials;

    public TeacherEndpoint Endpoint { get; } = endpoint;

    public string Name => Endpoint.Options.Name;

    /// <summary>Why it is asked no more; null while it is.</summary>
    public TeacherException? Stopped { get; set; }

    /// <summary>Whether its budget has no room for a call until one that is under way is settled.</summary>
    public bool IsOutOfBudget { get; set; }

    /// <summary>Whether it is switched off: it gets no new calls, and what waits for it waits until it is on again.</summary>
    public bool IsOff { get; private set; }

    public int InFlight { get; private set; }

    public Refusals Refusals { get; } = new();

    /// <summary>When it answered last; null where it has not.</summary>
    public TimeSpan? Answered { get; private set; }

    /// <summary>Nothing is asked before.</summary>
    public TimeSpan PausedUntil => circuit.PausedUntil;

    /// <summary>Share of its places that are taken.</summary>
    public double Load => InFlight / (double)concurrency.Current;

    /// <summary>Whether it has a place now.</summary>
    public bool HasPlace => !IsOff && !IsOutOfBudget && InFlight < concurrency.Current && (trials == 0 || !IsTrying);

    private bool IsTrying => circuit.IsTrying || Refusals.IsSuspicious;

    /// <summary>When its quotas and pauses let it be asked.</summary>
    public TimeSpan ReadyAt(TimeSpan now, TeacherRequest request) => Max(
        circuit.PausedUntil, Max(requests.ReadyAt(now, 1), tokens.ReadyAt(now, estimate.PromptOf(request))));

    /// <summary>Holds to what is set of it from now on, and to its settings in everything else.</summary>
    public void Tune(TimeSpan now, EndpointTuning tuning)
    {
        IsOff = tuning.Enabled == false;
        requests.Limit(now, tuning.RequestsPerMinute ?? Endpoint.Options.RequestsPerMinute);
        tokens.Limit(now, tuning.TokensPerMinute ?? Endpoint.Options.TokensPerMinute);
    }

    public Call Start(TimeSpan now, TeacherRequest request)
    {
        InFlight++;
        trials += IsTrying ? 1 : 0;
        concurrency.Started(InFlight);
        var used = tokens.Take(now, estimate.PromptOf(request), estimate.Of(request));
        return new Call(this, now, requests.Take(now, 1, 1), used, IsTrying);
    }

    /// <summary>A call that was not made after all.</summary>
    public void Undo(TimeSpan now, Call call)
    {
        Leave(call);
        requests.Settle(now, call.Requests, 0);
        tokens.Settle(now, call.Tokens, 0);
    }

    /// <summary>A call has ended; returns whether the endpoint is given up.</summary>
    public bool End(TimeSpan now, Call call, TeacherRequest request, Attempt attempt)
    {
        Leave(call);
        IsOutOfBudget = false;
        requests.Settle(now, call.Requests, 1);
        tokens.Settle(now, call.Tokens, TokensOf(request, attempt));
        Heed(now, request, attempt);
        if (attempt.Fault is null)
        {
            Answered = now;
            concurrency.Answered(now, call.Started, attempt.Latency);
            circuit.Answered();
            if (attempt.CompletionTokens > 0)
            {
                estimate.Learn(request, attempt.PromptTokens, attempt.CompletionTokens);
            }

            return false;
        }

        if (attempt.Fault != TeacherFault.Temporary)
        {
            return false;
        }

        if (attempt.Kind == AttemptKind.Throttled && !circuit.IsThrottled)
        {
            requests.Yield();
            tokens.Yield();
        }

        concurrency.Failed(now);
        return circuit.Failed(now, call.Started, attempt);
    }

    private void Leave(Call call)
    {
        InFlight--;
        trials -= call.IsTrial ? 1 : 0;
    }

    // An answer without a count is taken to be as long as they are; what failed has at least been read, unless it was turned away.
    private double TokensOf(TeacherRequest request, Attempt attempt) =>
        attempt.Fault is null ? attempt.CompletionTokens > 0 ? attempt.PromptTokens + attempt.CompletionTokens : estimate.Of(request)
        : attempt.IsLost ? estimate.Of(request)
        : attempt.Kind == AttemptKind.Throttled ? 0
        : estimate.PromptOf(request);

    private void Heed(TimeSpan now, TeacherRequest request, Attempt attempt)
    {
        // Whoever says when to come back knows better than what its headers add up to.
        var saysWhen = attempt.RetryAfter is { Ticks: > 0 };
        Heed(now, requests, attempt.Limits.Requests, amount: 1, saysWhen);
        Heed(now, tokens, attempt.Limits.Tokens, estimate.Of(request), saysWhen);
    }

    // Quotas that fill evenly are whole again at the reset: a call's worth is there earlier.
    private void Heed(TimeSpan now, Quota quota, RateLimit? said, double amount, bool saysWhen)
    {
        if (said?.Limit is { } limit)
        {
            quota.Learn(limit);
        }

        if (!saysWhen && said is { Remaining: <= 0, Reset: { } reset })
        {
            circuit.Pause(now + (said.Limit is { } whole && whole > amount ? reset * (amount / whole) : reset));
        }
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
