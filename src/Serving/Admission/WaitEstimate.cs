namespace Orca.Serving.Admission;

/// <summary>
/// How long a request will wait: the work of those before it at the speed the engine has shown. Answers are taken to be as
/// long as those before were, where they may be longer. Says nothing before the first measurement. Not thread-safe.
/// </summary>
internal sealed class WaitEstimate
{
    // So that a change in the answers' lengths shows after some twenty of them.
    private const double Smoothing = 0.05;

    private double? meanAnswer;

    /// <summary>Notes the length of an answer that has ended.</summary>
    public void Observe(int answerTokens) =>
        meanAnswer = meanAnswer is { } mean ? mean + (Smoothing * (answerTokens - mean)) : answerTokens;

    /// <summary>Time until a request that is enqueued now begins.</summary>
    /// <param name="queue">What waits.</param>
    /// <param name="caller">The request's caller.</param>
    /// <param name="tenant">Its tenant among the caller's.</param>
    /// <param name="rates">The engine's speed.</param>
    public TimeSpan Wait<T>(FairQueue<T> queue, string caller, string tenant, WorkRates rates)
    {
        if (queue.Count == 0 && rates.HasFreePlace)
        {
            return TimeSpan.Zero;
        }

        // All of the queue, or its own at its share of the speed, whichever is done first; and then a place has to become
        // free, which takes about as long as one request is work.
        var total = Work(queue.PromptTokens, queue.Tokens - queue.PromptTokens, queue.Count, rates);
        var ahead = AheadOf(queue, queue.CallerOf(caller), queue.LineOf(tenant, caller));
        var next = meanAnswer is { } mean ? mean / rates.DecodeTokensPerSecond : 0;
        return Seconds((total * Math.Min(1, ahead / Math.Max(1, queue.Tokens))) + next);
    }

    /// <summary>Tokens that go before a tenant's next: its own, and what its share gives to others meanwhile.</summary>
    private static double AheadOf<T>(FairQueue<T> queue, CallerLine<T> caller, TenantLine<T> tenant)
    {
        var otherTenants = caller.WaitingWeight - (tenant.Waiting > 0 ? tenant.Weight : 0);
        var otherCallers = queue.WaitingWeight - (caller.Waiting > 0 ? caller.Weight : 0);
        var ofCaller = Math.Min(caller.WaitingTokens, tenant.WaitingTokens * ((otherTenants / tenant.Weight) + 1));
        return ofCaller * ((otherCallers / caller.Weight) + 1);
    }

    /// <summary>Time from its beginning until it is done, at the speed of those that run.</summary>
    public TimeSpan Service(long promptTokens, long answerTokens, WorkRates rates) =>
        Seconds((promptTokens / rates.PrefillTokensPerSecond) + (Expected(answerTokens, 1) * rates.SecondsPerToken));

    private double Work(long promptTokens, long answerTokens, int requests, WorkRates rates) =>
        (promptTokens / rates.PrefillTokensPerSecond) + (Expected(answerTokens, requests) / rates.DecodeTokensPerSecond);

    private double Expected(long answerTokens, int requests) =>
        meanAnswer is { } mean ? Math.Min(answerTokens, mean * requests) : answerTokens;

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.FromDays(365).TotalSeconds));
}
