using System.Collections.Immutable;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;

namespace Orca.Streams.Collecting;

/// <summary>Asks the teacher.</summary>
internal static class AskOperator
{
    /// <summary>
    /// Each query with its answers: the stored ones, and the teacher's; none for one that the student knows. A request is committed
    /// before it is asked, an answer before anything else happens to it.
    /// </summary>
    /// <remarks>
    /// In flight: every query drawn, up to the credits, all of its answers at once; of these with the teacher as many as
    /// <paramref name="asking"/> lets. Cancelled, what is not answered yet is left open; so is a query for which a budget has no room, and
    /// no more are drawn then.
    /// </remarks>
    public static IObservable<AnsweredQuery> Ask(
        this IObservable<DrawnQuery> queries, TeacherAsking asking, TraceStore store, QueryDraw draw, ResultOrder order,
        WorkInFlight inFlight, CancellationToken cancellationToken) =>
        queries.Concurrently(query => AskAsync(query, asking, store, draw, cancellationToken), order, inFlight);

    private static async Task<AnsweredQuery> AskAsync(
        DrawnQuery query, TeacherAsking asking, TraceStore store, QueryDraw draw, CancellationToken cancellationToken)
    {
        if (query.IsKnown || query.IsLeftOpen)
        {
            return new AnsweredQuery(query, []);
        }

        if (query.Answers is [var only])
        {
            return new AnsweredQuery(query, [await AskAsync(only, asking, store, draw, cancellationToken)]);
        }

        var answers = await Task.WhenAll(query.Answers.Select(drawn => AskAsync(drawn, asking, store, draw, cancellationToken)));
        return new AnsweredQuery(query, [.. answers]);
    }

    private static async Task<AnsweredRequest> AskAsync(
        DrawnRequest drawn, TeacherAsking asking, TraceStore store, QueryDraw draw, CancellationToken cancellationToken)
    {
        var (request, key) = (drawn.Request, drawn.Stored?.Key ?? 0);
        if (drawn.Stored?.Answer is { } stored)
        {
            return new AnsweredRequest(request, key, stored, null);
        }

        try
        {
            key = await store.AskAsync(request, cancellationToken);
            var (trace, failure) = await asking.AskAsync(request, cancellationToken);
            if (trace is not null)
            {
                await store.AnswerAsync(key, trace, CancellationToken.None);
            }

            return new AnsweredRequest(request, key, trace, failure);
        }
        catch (TeacherException failure) when (failure.SpentBudget is { } budget)
        {
            draw.EndFor(budget, failure.Message);
            return new AnsweredRequest(request, key, null, null);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new AnsweredRequest(request, key, null, null);
        }
    }
}
