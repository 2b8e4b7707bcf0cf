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
            TellEndOf(query, events);
            if (settled.Place is { } place)
            {
                bus.Send(new TraceAccepted(query.Drawn.Request.Stage, place, query.Accepted!));
            }
            else
            {
                credits.Release();
            }

            draw.Leave(query.Drawn, isAccepted: settled.Place is not null);
        });

    // Of several answers the first is told last: with it the query has ended.
    private static void TellEndOf(JudgedQuery query, CollectionEvents events)
    {
        if (query.IsOpen)
        {
            events.Tell(new QueryLeftOpen(query.Drawn.Request));
        }
        else if (query.Drawn.IsKnown)
        {
            events.Tell(new StudentKnew(query.Drawn.Request));
        }

        for (var answer = query.Answers.Length - 1; answer >= 0; answer--)
        {
            events.Tell(EventOf(query.Answers[answer]));
        }
    }

    private static PipelineEvent EventOf(JudgedRequest answer) => answer.Screened switch
    {
        null => new RequestFailed(answer.Request, answer.Failure!),
        { Accepted: true } screened => new TraceKept(screened.Trace),
        var screened => new TraceRejected(screened.Trace, screened.Rejection!.Screen, screened.Rejection.Reason!),
    };
}
