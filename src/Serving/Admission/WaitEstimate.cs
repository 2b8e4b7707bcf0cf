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
    /// <param name="tenant">The request's tenant.</param>
    /// <param name="rates">The engine's speed.</param>
    public TimeSpan Wait<T>(FairQueue<T> queue, TenantLine<T> tenant, WorkRates rates)
    {
        if (queue.Count == 0 && rates.HasFreePlace)
        {
            return TimeSpan.Zero;
        }

        // All of the queue, or its tenant's own at the tenant's share of the speed, whichever is done first; and then a
        // place has to become free, which takes about as long as one request is work.
        var total = Work(queue.PromptTokens, queue.Tokens - queue.PromptTokens, queue.Count, rates);
        var others = queue.WaitingWeight - (tenant.Waiting > 0 ? tenant.Weight : 0);
        var own = tenant.WaitingTokens * total / Math.Max(1, queue.Tokens) * ((others / tenant.Weight) + 1);
        var next = meanAnswer is { } mean ? mean / rates.DecodeTokensPerSecond : 0;
        return Seconds(Math.Min(total, own) + next);
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
