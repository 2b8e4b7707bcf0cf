using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reactive.Linq;
using Orca.Streams.Bus;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Budgets;

namespace Orca.Streams.Collecting;

/// <summary>The queries of one stage, each emitted when there is a credit for it and the stage wants it.</summary>
internal sealed class QueryDraw(
    int stage, ImmutableArray<CurriculumStage> stages, IQuestions questions, int answers, CollectionGoal goal, TraceStore store,
    TraceBus bus, CollectionEvents events, SemaphoreSlim credits)
{
    private readonly string name = stages[stage].Name;
    private readonly Lock gate = new();
    private readonly Signal left = new();
    private readonly ConcurrentDictionary<string, byte> onTheirWay = new();
    private readonly SettledPrefix prefix = new();
    private long accepted = store.Counts.AcceptedByStage.GetValueOrDefault(stages[stage].Name);
    private long sequence;
    private int inFlight;
    private CollectionEnd endOfDrawing = CollectionEnd.Cancelled;
    private CollectionEnd? spent;

    /// <summary>
    /// Why no more queries are emitted; cancelled until another reason is known. A budget that is spent goes before all others: queries
    /// that were emitted are left open for it.
    /// </summary>
    public CollectionEnd End => spent ?? endOfDrawing;

    /// <summary>
    /// The stage's queries, until the goal is reached, the stage has enough, its tasks or a budget are used up, the next is taught or the
    /// run is cancelled. Once.
    /// </summary>
    /// <remarks>In flight: each query emitted, holding a credit, until <see cref="Leave"/>.</remarks>
    public IObservable<DrawnQuery> Queries(WorkInFlight work, CancellationToken cancellationToken) =>
        Observable.Create<DrawnQuery>(observer => work.RunAsync(to => EmitAsync(to, cancellationToken), observer));

    private async Task<CollectionEnd> EmitAsync(IObserver<DrawnQuery> observer, CancellationToken cancellationToken)
    {
        try
        {
            await EmitUntilOverAsync(observer, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // No more queries; those that are on their way come to their end.
        }

        return End;
    }

    /// <summary>The end of a query is being written: returns how far collecting has come where that has moved.</summary>
    public CollectorPosition? Settle(DrawnQuery drawn) => prefix.Settle(drawn.Sequence, drawn.After);

    /// <summary>Emits no more queries, since a budget has no room for one that was emitted; tells so once.</summary>
    public void EndFor(Budget budget, string message)
    {
        lock (gate)
        {
            if (spent is not null)
            {
                return;
            }

            spent = budget.Scope == BudgetScope.Stage ? CollectionEnd.StageBudgetSpent : CollectionEnd.BudgetSpent;
        }

        events.Tell(new BudgetUsedUp(name, message));
    }

    /// <summary>What was being written is lost.</summary>
    public void Lose() => prefix.Break();

    /// <summary>A query's end is stored, or left open.</summary>
    public void Leave(DrawnQuery drawn, bool isAccepted)
    {
        onTheirWay.TryRemove(drawn.Request.Id, out _);
        if (isAccepted)
        {
            Interlocked.Increment(ref accepted);
        }

        Interlocked.Decrement(ref inFlight);
        left.Pulse();
    }

    private async Task EmitUntilOverAsync(IObserver<DrawnQuery> observer, CancellationToken cancellationToken)
    {
        while (true)
        {
            await credits.WaitAsync(cancellationToken);
            var end = await MayDrawAsync(cancellationToken);
            var (drawn, isUsedUp) = end is null ? await DrawAsync(cancellationToken) : (null, false);
            if (drawn is not null)
            {
                observer.OnNext(drawn);
                continue;
            }

            credits.Release();
            end ??= isUsedUp ? CollectionEnd.QuestionsUsedUp : null;
            if (end is { } known)
            {
                endOfDrawing = known;
                return;
            }
        }
    }

    // Waits until one more query is wanted; returns why none will be. Draws no more than would fill the stage, or reach the goal, if all
    // were accepted: so nothing is exceeded, and which queries a stage is made of depends on the answers alone, not on which came first.
    // What may change is taken hold of first and looked at then, so that no change is missed.
    private async Task<CollectionEnd?> MayDrawAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var (demanded, leaves) = (bus.NextDemand, left.Next);
            var demand = bus.Demand;
            var current = stages.IndexOf(demand.Stage);
            if (spent is { } end)
            {
                return end;
            }

            if (demand.Finished || (current > stage && !questions.AreOwed))
            {
                return CollectionEnd.StagesFilled;
            }

            // In this order: a query leaves what is in flight only after it counts as accepted.
            var flying = Volatile.Read(ref inFlight);
            var taughtAgain = current == stage ? demand.Repeated : 0;
            var wanted = stages[stage].Lessons - Interlocked.Read(ref accepted) - taughtAgain;
            var counts = store.Counts;
            if (flying == 0 && (goal.Reached(counts) ?? (wanted <= 0 ? CollectionEnd.StagesFilled : null)) is { } reached)
            {
                return reached;
            }

            var isTooEarly = questions.AwaitTheirStage && current < stage;
            if (!demand.Paused && !isTooEarly && !(wanted - flying <= 0) && goal.Room(counts) > flying)
            {
                return null;
            }

            await Task.WhenAny(demanded, leaves).WaitAsync(cancellationToken);
        }
    }

    private async Task<(DrawnQuery? Drawn, bool IsUsedUp)> DrawAsync(CancellationToken cancellationToken)
    {
        var (demanded, leaves) = (bus.NextDemand, left.Next);
        var (number, demand) = await bus.DrawAsync(cancellationToken);
        if (await questions.NextAsync(demand, number, cancellationToken) is not var (request, after))
        {
            if (questions.IsExhausted)
            {
                return (null, true);
            }

            // What is left weighs nothing now; another mixture may ask for it.
            if (Volatile.Read(ref inFlight) == 0)
            {
                bus.Send(new SupplyChanged(name, TraceSupply.Resting));
            }

            await Task.WhenAny(demanded, leaves).WaitAsync(cancellationToken);
            return (null, false);
        }

        events.Tell(new QueryDrawn(request.Query));
        if (onTheirWay.TryAdd(request.Id, 0))
        {
            if (AnswersTo(request) is { IsEmpty: false } wanted)
            {
                Interlocked.Increment(ref inFlight);
                return (new DrawnQuery(sequence++, stage, wanted, after), false);
            }

            onTheirWay.TryRemove(request.Id, out _);
        }

        prefix.Settle(sequence++, after);
        events.Tell(new QuerySkipped(request));
        return (null, false);
    }

    // As many answers as are asked for, and those that were paid for when more were; none where the question has come to its end.
    private ImmutableArray<DrawnRequest> AnswersTo(TeacherRequest request)
    {
        var first = new DrawnRequest(request, store.Find(request.Id));
        if (first.Stored?.Outcome is not null)
        {
            return [];
        }

        if (store.StudentOutcomeOf(request.Id) is { IsSkipped: true })
        {
            return [];
        }

        // A question that is new has no further answers.
        var wanted = ImmutableArray.Create(first);
        if (answers == 1 && first.Stored is null)
        {
            return wanted;
        }

        for (var sample = 1; ; sample++)
        {
            var next = request with { Sample = sample };
            var stored = store.Find(next.Id);
            if (sample < answers || stored?.Answer is not null)
            {
                wanted = wanted.Add(new DrawnRequest(next, stored));
            }
            else if (stored is null)
            {
                return wanted;
            }
        }
    }
}
