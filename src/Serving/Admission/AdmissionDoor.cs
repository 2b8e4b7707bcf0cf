using System.Globalization;
using Orca.Serving.Requests;

namespace Orca.Serving.Admission;

/// <summary>How long a caller waits.</summary>
/// <param name="MaxQueueTime">For its request to begin; null: as long as it takes.</param>
/// <param name="Answer">For its answer; null: as long as it takes.</param>
internal readonly record struct Patience(TimeSpan? MaxQueueTime, TimeSpan? Answer)
{
    /// <summary>After this long without a beginning, waiting is in vain; null: never.</summary>
    public TimeSpan? Begin =>
        MaxQueueTime is { } queue && Answer is { } answer ? (queue < answer ? queue : answer) : MaxQueueTime ?? Answer;
}

/// <summary>Refuses requests that may not wait, or would wait in vain.</summary>
internal sealed class AdmissionDoor(int maxRequests, TimeSpan retryAfter, AdmissionOptions options, WaitEstimate estimate)
{
    /// <summary>What those are told that leave a full queue for a caller who has less in it.</summary>
    public static GenerationException Displaced(TimeSpan retryAfter) => new(
        Failure.QueueFull,
        "The queue is full and this request's key has most in it, so that its last one gave way to another's; try again later.")
    {
        RetryAfter = retryAfter,
    };

    /// <summary>Lets a request pass.</summary>
    /// <returns>Those that leave the queue for it; usually none.</returns>
    /// <exception cref="GenerationException">It is refused.</exception>
    public IReadOnlyList<Ticket<T>> Check<T>(FairQueue<T> queue, Ticket<T> ticket, Patience patience, WorkRates? rates)
    {
        TimeSpan? wait = rates is { } known ? estimate.Wait(queue, ticket.Caller, ticket.Tenant, known) : null;
        CheckQuota(queue, ticket, wait);
        var leaving = RoomFor(queue, ticket, wait);
        if (wait is { } estimated)
        {
            var service = estimate.Service(ticket.PromptTokens, ticket.Tokens - ticket.PromptTokens, rates!.Value);
            CheckPatience(estimated, service, patience);
        }

        return leaving;
    }

    private void CheckQuota<T>(FairQueue<T> queue, Ticket<T> ticket, TimeSpan? wait)
    {
        // Where keys tell callers apart, the names of tenants lift no limit; where nothing else does, they are all there is.
        var (caller, tenant) = (queue.CallerOf(ticket.Caller), queue.LineOf(ticket.Tenant, ticket.Caller));
        var (name, inFlight, waiting, tokens) = ticket.Caller.Length > 0
            ? ($"Key '{ticket.Caller}'", caller.InFlight, caller.Waiting, caller.WaitingTokens)
            : ($"Tenant '{ticket.Tenant}'", tenant.InFlight, tenant.Waiting, tenant.WaitingTokens);
        if (inFlight >= options.MaxTenantRequests)
        {
            throw Refusal(
                Failure.QuotaExceeded, $"{name} has {inFlight} requests in flight, the most it may; try again when one has ended.", wait);
        }

        if (waiting > 0 && tokens + ticket.Tokens > options.MaxTenantQueuedTokens)
        {
            throw Refusal(
                Failure.QuotaExceeded,
                $"{name} has {tokens} tokens waiting, and this request may need {ticket.Tokens}: {options.MaxTenantQueuedTokens} may "
                    + "wait; try again later.",
                wait);
        }
    }

    private IReadOnlyList<Ticket<T>> RoomFor<T>(FairQueue<T> queue, Ticket<T> ticket, TimeSpan? wait)
    {
        var isFull = queue.Count >= maxRequests;
        if (!isFull && (queue.Count == 0 || queue.Tokens + ticket.Tokens <= options.MaxQueuedTokens))
        {
            return [];
        }

        return Displacement.For(queue, ticket, maxRequests, options.MaxQueuedTokens) ?? throw Refusal(
            Failure.QueueFull,
            isFull ? $"{maxRequests} requests wait already, the most that may; try again later."
                : $"{queue.Tokens} tokens wait already, and this request may need {ticket.Tokens}: {options.MaxQueuedTokens} may wait; "
                    + "try again later.",
            wait);
    }

    private void CheckPatience(TimeSpan wait, TimeSpan service, Patience patience)
    {
        if (wait > patience.MaxQueueTime)
        {
            throw Refusal(
                Failure.DeadlineTooSoon,
                $"The request would wait about {Text(wait)} and may wait {Text(patience.MaxQueueTime.Value)}; try again later, or wait "
                    + "longer.",
                wait - patience.MaxQueueTime);
        }

        if (wait + service > patience.Answer)
        {
            throw Refusal(
                Failure.DeadlineTooSoon,
                $"The answer would take about {Text(wait + service)}, {Text(wait)} of it waiting, and its deadline is in "
                    + $"{Text(patience.Answer.Value)}; try again later, or with a later deadline.",
                wait > patience.Answer ? wait - patience.Answer : wait);
        }
    }

    /// <summary>A refusal that says when to try again: after the wait, but never so soon that it would be refused for certain.</summary>
    private GenerationException Refusal(Failure failure, string message, TimeSpan? after) =>
        new(failure, message) { RetryAfter = after > retryAfter ? after : retryAfter };

    private static string Text(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0##} s");
}
