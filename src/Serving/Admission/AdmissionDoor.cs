using System.Globalization;
using Orca.Serving.Requests;

namespace Orca.Serving.Admission;

/// <summary>How long a caller waits.</summary>
/// <param name="MaxQueueTime">For its request to begin; null: as long as it takes.</param>
/// <param name="Answer">For its answer; null: as long as it takes.</param>
internal readonly record struct Patience(TimeSpan? MaxQueueTime, TimeSpan? Answer)
{
    /// <summary>After this long without a beginning, waiting is in vain; null: never.</summary>
    public TimeSpan? Begin => MaxQueueTime is { } queue && Answer is { } answer ? (queue < answer ? queue : answer) : MaxQueueTime ?? Answer;
}

/// <summary>Refuses requests that may not wait, or would wait in vain.</summary>
internal sealed class AdmissionDoor(int maxRequests, TimeSpan retryAfter, AdmissionOptions options, WaitEstimate estimate)
{
    /// <summary>Lets a request pass.</summary>
    /// <exception cref="GenerationException">It is refused.</exception>
    public void Check<T>(FairQueue<T> queue, Ticket<T> ticket, Patience patience, WorkRates? rates)
    {
        var line = queue.LineOf(ticket.Tenant);
        TimeSpan? wait = rates is { } known ? estimate.Wait(queue, line, known) : null;
        CheckQuota(line, ticket, wait);
        CheckRoom(queue, ticket, wait);
        if (wait is { } estimated)
        {
            var service = estimate.Service(ticket.PromptTokens, ticket.Tokens - ticket.PromptTokens, rates!.Value);
            CheckPatience(estimated, service, patience);
        }
    }

    private void CheckQuota<T>(TenantLine<T> line, Ticket<T> ticket, TimeSpan? wait)
    {
        if (line.InFlight >= options.MaxTenantRequests)
        {
            throw Refusal(Failure.QuotaExceeded, $"Tenant '{ticket.Tenant}' has {line.InFlight} requests in flight, the most it may; try again when one has ended.", wait);
        }

        if (line.Waiting > 0 && line.WaitingTokens + ticket.Tokens > options.MaxTenantQueuedTokens)
        {
            throw Refusal(
                Failure.QuotaExceeded,
                $"Tenant '{ticket.Tenant}' has {line.WaitingTokens} tokens waiting, and this request may need {ticket.Tokens}: {options.MaxTenantQueuedTokens} may wait; try again later.",
                wait);
        }
    }

    private void CheckRoom<T>(FairQueue<T> queue, Ticket<T> ticket, TimeSpan? wait)
    {
        if (queue.Count >= maxRequests)
        {
            throw Refusal(Failure.QueueFull, $"{maxRequests} requests wait already, the most that may; try again later.", wait);
        }

        if (queue.Count > 0 && queue.Tokens + ticket.Tokens > options.MaxQueuedTokens)
        {
            throw Refusal(
                Failure.QueueFull,
                $"{queue.Tokens} tokens wait already, and this request may need {ticket.Tokens}: {options.MaxQueuedTokens} may wait; try again later.",
                wait);
        }
    }

    private void CheckPatience(TimeSpan wait, TimeSpan service, Patience patience)
    {
        if (wait > patience.MaxQueueTime)
        {
            throw Refusal(
                Failure.DeadlineTooSoon,
                $"The request would wait about {Text(wait)} and may wait {Text(patience.MaxQueueTime.Value)}; try again later, or wait longer.",
                wait - patience.MaxQueueTime);
        }

        if (wait + service > patience.Answer)
        {
            throw Refusal(
                Failure.DeadlineTooSoon,
                $"The answer would take about {Text(wait + service)}, {Text(wait)} of it waiting, and its deadline is in {Text(patience.Answer.Value)}; try again later, or with a later deadline.",
                wait > patience.Answer ? wait - patience.Answer : wait);
        }
    }

    /// <summary>A refusal that says when to try again: after the wait, but never so soon that it would be refused for certain.</summary>
    private GenerationException Refusal(Failure failure, string message, TimeSpan? after) =>
        new(failure, message) { RetryAfter = after > retryAfter ? after : retryAfter };

    private static string Text(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0##} s");
}
