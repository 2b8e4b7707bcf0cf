using System.Reactive.Linq;
using Orca.Streams.Bus;

namespace Orca.Streams.Collecting;

/// <summary>Hands accepted traces over, and tells how queries ended.</summary>
internal static class HandOverOperator
{
    /// <summary>
    /// Puts each accepted trace on the bus, with its query's credit, which returns with the acknowledgement; the credit of any other query
    /// returns at once.
    /// </summary>
    /// <remarks>In flight here: nothing. On the bus: every trace that the curriculum has not taken, each holding a credit.</remarks>
    public static IObservable<SettledQuery> HandOver(
        this IObservable<SettledQuery> queries, TraceBus bus, QueryDraw draw, CollectionEvents events, SemaphoreSlim credits) =>
        queries.Do(settled =>
        {
            var query = settled.Query;
            events.Tell(EventOf(query));
            if (settled.Place is { } place)
            {
                bus.Send(new TraceAccepted(query.Drawn.Request.Stage, place, query.Screened!.Trace));
            }
            else
            {
                credits.Release();
            }

            draw.Leave(query.Drawn, isAccepted: settled.Place is not null);
        });

    private static PipelineEvent EventOf(JudgedQuery query)
    {
        if (query.Screened is not { } screened)
        {
            return query.Failure is { } failure
                ? new RequestFailed(query.Drawn.Request, failure)
                : new QueryLeftOpen(query.Drawn.Request);
        }

        return screened.Accepted
            ? new TraceKept(screened.Trace)
            : new TraceRejected(screened.Trace, screened.Rejection!.Screen, screened.Rejection.Reason!);
    }
}
