using System.Collections.Immutable;
using Orca.Streams.Bus;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Curricula.Replay;
using Orca.Streams.Curricula.Stages;
using Orca.Streams.Storage;

namespace Orca.Streams.Curricula;

/// <content>Stages: what waits in the one that is taught, and going on to the next. On the loop alone.</content>
public sealed partial class Curriculum
{
    private readonly WaitingLessons waiting = new();
    private readonly SortedSet<(int Stage, long Place)> held = [];
    private volatile int waitingCount;
    private ImmutableArray<Examined> examinations = [];
    private volatile GainProof? proof;

    private void Begin()
    {
        LookAtStage();
        log = book is null ? null : LoggedLessons.After(store, state.Progress.Lessons);
        followed = log is null ? null : followed;
    }

    // What waits, and what was taught before in this stage, by the store.
    private void LookAtStage()
    {
        waiting.Clear();
        freshPlaces.Clear();
        shuffled = null;
        examinations = [];
        proof = null;
        var (progress, stage) = (state.Progress, Stage);
        if (book is null)
        {
            return;
        }

        foreach (var trace in store.Places(progress.Stage, progress.Left.IsEmpty ? progress.Reached : progress.Left[0], accepted[stage]))
        {
            if (!progress.HasTaken(trace.Place))
            {
                waiting.Add(trace);
            }
        }

        freshPlaces.AddRange(store.FreshPlaces(progress.Stage, progress.Lessons));
        LetSomeGo();
        NoteLessons();
    }

    private void Accept(TraceAccepted trace)
    {
        var (stage, current) = (options.Stages.IndexOf(trace.Stage), Stage);
        if (stage >= 0)
        {
            Volatile.Write(ref accepted[stage], Math.Max(accepted[stage], trace.Place + 1));
            supply[stage] = supply[stage] == TraceSupply.Resting ? TraceSupply.Open : supply[stage];
        }

        if (book is null || stage < current
            || (stage == current && (state.Progress.HasTaken(trace.Place) || waiting.At(trace.Place) is not null)))
        {
            Bus.Acknowledge(trace.Stage, trace.Place);
            return;
        }

        book.Add(trace);
        held.Add((stage, trace.Place));
        if (stage == current)
        {
            var query = trace.Trace.Request.Query;
            waiting.Add(new AcceptedPlace(trace.Place, query.Collection, query.Task, query.Difficulty));
            LetSomeGo();
            NoteLessons();
        }
    }

    // A lesson leaves what waits, and whoever collects may bring another one.
    private void LetGo(AcceptedPlace trace)
    {
        waiting.Remove(trace);
        LetGo((Stage, trace.Place));
        LetSomeGo();
    }

    private void LetGo((int Stage, long Place) trace)
    {
        if (held.Remove(trace))
        {
            Bus.Acknowledge(options.Stages[trace.Stage].Name, trace.Place);
        }
    }

    // So many may wait without keeping others from coming.
    private void LetSomeGo()
    {
        var stage = Stage;
        while (held.Count > 0 && held.Min.Stage <= stage && waiting.Count - HeldOf(stage) < CapacityOf(stage))
        {
            LetGo(held.Min);
        }
    }

    // What the student says to practise holds its credit until it is taught, so that it is the student's that learns from it.
    private int CapacityOf(int stage) => options.Stages[stage].IsPractice ? 0 : options.LessonCapacity;

    private int HeldOf(int stage) => held.Max.Stage == stage
        ? held.Count : held.GetViewBetween((stage, 0), (stage, long.MaxValue)).Count;

    // Nothing of what waits may be taught now, or not yet: it must not keep others from coming, nor fill the memory meanwhile.
    private void LetHeldGo()
    {
        var stage = Stage;
        while (held.Count > 0 && held.Min.Stage <= stage)
        {
            book?.Release(state.Progress.Stage, held.Min.Place);
            LetGo(held.Min);
        }
    }

    private void LetAllGo()
    {
        while (held.Count > 0)
        {
            LetGo(held.Min);
        }
    }

    private void Look(Examined examined)
    {
        examinations = examinations.Add(examined);
        proof = options.Stages[Stage].Ends is { } end ? GainProof.Of(examinations, end.Examinations) : null;
    }

    private bool HasFlattened(int stage) =>
        stage < options.Stages.Length - 1 && options.Stages[stage].Ends is { } end && proof?.HasFlattened(end.Gain) == true;

    private bool LeaveStage(int stage)
    {
        if (stage == options.Stages.Length - 1)
        {
            finished = true;
            return false;
        }

        EnterStage(stage + 1);
        return true;
    }

    private void EnterStage(int stage)
    {
        MoveTo(state with
        {
            Progress = state.Progress with
            {
                Stage = options.Stages[stage].Name,
                StageLessons = 0,
                Reached = 0,
                Left = [],
                Fresh = 0,
                FreshInOrder = 0,
                Replay = new ReplayProgress(),
            },
        });
        PassOwnAnswersOver();
        if (options.Stages[stage].IsPractice && log is null)
        {
            // Who practises is who was taught, and not whoever was published last.
            publishRequests.OnNext(new PublishRequest(state.Steering.Revision, ""));
        }

        foreach (var trace in held.Where(trace => trace.Stage < stage).ToList())
        {
            book?.Release(options.Stages[trace.Stage].Name, trace.Place);
            LetGo(trace);
        }

        LookAtStage();
    }

    // What the student said to practise before it went back, or was killed, is of one that there is no more; the log may want it again.
    private void PassOwnAnswersOver()
    {
        var stage = Stage;
        if (options.Stages[stage].IsPractice && log is null)
        {
            MoveTo(state with { Progress = state.Progress with { Reached = accepted[stage], Left = [] } });
        }
    }

    private void NoteLessons() => waitingCount = waiting.Count;
}
