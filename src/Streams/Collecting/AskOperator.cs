using Orca.Streams.Storage;
using Orca.Streams.Teachers;

namespace Orca.Streams.Collecting;

/// <summary>Asks the teacher.</summary>
internal static class AskOperator
{
    /// <summary>
    /// Each query with its answer: the stored one, or the teacher's. The request is committed before it is asked, the answer before
    /// anything else happens to it.
    /// </summary>
    /// <remarks>
    /// In flight: every query drawn, up to the credits; of these with the teacher as many as <paramref name="asking"/> lets. Cancelled,
    /// what is not answered yet is left open; so is a query for which a budget has no room, and no more are drawn then.
    /// </remarks>
    public static IObservable<AnsweredQuery> Ask(
        this IObservable<DrawnQuery> queries, TeacherAsking asking, TraceStore store, QueryDraw draw, ResultOrder order,
        WorkInFlight inFlight, CancellationToken cancellationToken) =>
        queries.Concurrently(query => AskAsync(query, asking, store, draw, cancellationToken), order, inFlight);

    private static async Task<AnsweredQuery> AskAsync(
        DrawnQuery query, TeacherAsking asking, TraceStore store, QueryDraw draw, CancellationToken cancellationToken)
    {
        var key = query.Stored?.Key ?? 0;
        if (query.Stored?.Answer is { } stored)
        {
            return new AnsweredQuery(query, key, stored, null);
        }

        try
        {
            key = await store.AskAsync(query.Request, cancellationToken);
            var (trace, failure) = await asking.AskAsync(query.Request, cancellationToken);
            if (trace is not null)
            {
                await store.AnswerAsync(key, trace, CancellationToken.None);
            }

            return new AnsweredQuery(query, key, trace, failure);
        }
        catch (TeacherException failure) when (failure.SpentBudget is { } budget)
        {
            draw.EndFor(budget, failure.Message);
            return new AnsweredQuery(query, key, null, null);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new AnsweredQuery(query, key, null, null);
        }
    }
}
