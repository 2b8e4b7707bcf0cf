using System.Collections.Immutable;
using Orca.Streams.Storage;

namespace Orca.Streams.Collecting;

/// <summary>Stores how queries end.</summary>
internal static class SettleOperator
{
    /// <summary>
    /// Each query once the verdicts of all its answers are committed, together, in the order in which the queries come; one that is left
    /// open passes by.
    /// </summary>
    /// <remarks>
    /// In flight: the verdicts that wait for the store's next commit. A position counts what is committed with it or before, and nothing
    /// else: if a verdict is lost, no later one passes it.
    /// </remarks>
    public static IObservable<SettledQuery> Settle(
        this IObservable<JudgedQuery> queries, TraceStore store, QueryDraw draw, WorkInFlight inFlight) =>
        queries.Concurrently(query => SettleAsync(query, store, draw), ResultOrder.InTurn, inFlight);

    private static async Task<SettledQuery> SettleAsync(JudgedQuery query, TraceStore store, QueryDraw draw)
    {
        if (query.IsOpen)
        {
            return new SettledQuery(query, null);
        }

        var position = new WrittenPosition(() => draw.Settle(query.Drawn) is { } reached ? reached.ToJson : null, draw.Lose);
        var verdicts = ImmutableArray.CreateRange(query.Answers, answer => answer.Verdict);
        return new SettledQuery(query, await store.SettleAsync(verdicts, position, CancellationToken.None));
    }
}
