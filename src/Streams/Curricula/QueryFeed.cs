using System.Collections.Concurrent;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Streams.Curricula;

/// <summary>The queries of one stage, each emitted when there is a credit for it and the stage wants it.</summary>
internal sealed class QueryFeed(
    int stage, TaskSampler sampler, SystemMessages messages, TraceStore store, Curriculum curriculum,
    PipelineTally tally, SemaphoreSlim credits, Signal changed)
{
    private readonly string name = curriculum.Options.Stages[stage].Name;
    private readonly ConcurrentDictionary<string, byte> onTheirWay = new();
    private readonly SettledPrefix prefix = new();
    private long accepted = store.Counts.AcceptedByStage.GetValueOrDefault(curriculum.Options.Stages[stage].Name);
    private long sequence;
    private int inFlight;

    /// <summary>
    /// Emits queries until the stage has enough, its tasks are used up, the curriculum has gone on or the run is cancelled.
    /// </summary>
    public async Task EmitAsync(IObserver<QueryTicket> observer, CancellationToken cancellationToken)
    {
        try
        {
            await EmitUntilOverAsync(observer, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // No more queries; those that are on their way come to their end.
        }
    }

    /// <summary>A query has ended: returns how far collecting has come where that has moved.</summary>
    public CollectorPosition? Settle(QueryTicket ticket) => prefix.Settle(ticket.Sequence, ticket.After);

    /// <summary>A query's end is stored, or left open.</summary>
    public void Leave(QueryTicket ticket, bool isAccepted)
    {
        onTheirWay.TryRemove(ticket.Request.Id, out _);
        if (isAccepted)
        {
            Interlocked.Increment(ref accepted);
        }

        Interlocked.Decrement(ref inFlight);
        changed.Pulse();
    }

    private async Task EmitUntilOverAsync(IObserver<QueryTicket> observer, CancellationToken cancellationToken)
    {
        while (true)
        {
            await credits.WaitAsync(cancellationToken);
            var (ticket, isOver) = await MayDrawAsync(cancellationToken) ? await DrawAsync(cancellationToken) : (null, true);
            if (ticket is not null)
            {
                observer.OnNext(ticket);
                continue;
            }

            credits.Release();
            if (isOver)
            {
                return;
            }
        }
    }

    // Waits until one more query is wanted; false where none will be. Draws no more than would fill the stage if all were accepted:
    // so which queries a stage is made of depends on the answers alone, not on which came first.
    private async Task<bool> MayDrawAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var change = changed.Next;
            var (control, progress) = curriculum.State;
            var current = curriculum.StageIndex(progress.Stage);
            if (curriculum.IsFinished || current > stage)
            {
                return false;
            }

            // In this order: a query leaves what is in flight only after it counts as accepted.
            var flying = Volatile.Read(ref inFlight);
            var taughtAgain = current == stage ? progress.StageLessons - progress.Taken : 0;
            var wanted = curriculum.Options.Stages[stage].Lessons - Interlocked.Read(ref accepted) - taughtAgain;
            if (wanted <= 0 && flying == 0)
            {
                return false;
            }

            if (!control.Paused && !(wanted - flying <= 0))
            {
                return true;
            }

            await change.WaitAsync(cancellationToken);
        }
    }

    private async Task<(QueryTicket? Ticket, bool IsOver)> DrawAsync(CancellationToken cancellationToken)
    {
        var change = changed.Next;
        var query = await sampler.NextAsync(curriculum.State.Control.Mixture, cancellationToken);
        if (query is null)
        {
            if (sampler.IsExhausted)
            {
                return (null, true);
            }

            // What is left weighs nothing now; another mixture may ask for it.
            if (Volatile.Read(ref inFlight) == 0)
            {
                curriculum.Supply(stage, TraceSupply.Resting);
            }

            await change.WaitAsync(cancellationToken);
            return (null, false);
        }

        tally.Drawn();
        var request = new TeacherRequest { Query = query, SystemMessage = messages.Choose(query, name).Text, Stage = name };
        var after = new CollectorPosition(name, sampler.State);
        if (onTheirWay.TryAdd(request.Id, 0))
        {
            var stored = store.Find(request.Id);
            if (stored?.Outcome is null)
            {
                Interlocked.Increment(ref inFlight);
                return (new QueryTicket(sequence++, stage, request, after, stored), false);
            }

            onTheirWay.TryRemove(request.Id, out _);
        }

        prefix.Settle(sequence++, after);
        tally.Skipped();
        return (null, false);
    }
}
