using System.Collections.Immutable;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using System.Threading.Channels;
using Orca.Streams.Bus;
using Orca.Streams.Screening;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;

namespace Orca.Streams.Curricula;

/// <summary>
/// Gives the trainer its lessons: stage after stage, new traces in the order they were accepted, then old ones again. One loop owns
/// the state; which lesson comes next is a function of that state and of the stored traces.
/// </summary>
/// <remarks>
/// Its life: construct, <see cref="Restore"/> where there is a checkpoint, give its <see cref="Bus"/> to whoever collects, then
/// <see cref="RunAsync"/> once. Where nobody collects say <see cref="EndOfCollection"/>: it then teaches what is stored. Where nobody is
/// taught it only counts: each accepted trace is one of its stage's lessons, once, and none is given out.
/// </remarks>
public sealed partial class Curriculum : ICurriculumControl
{
    private readonly CurriculumOptions options;
    private readonly TraceStore store;
    private readonly TimeProvider time;
    private readonly OfferedLessons? offered;
    private readonly Channel<Lesson> lessons;
    private readonly Channel<CurriculumMessage> inbox =
        Channel.CreateUnbounded<CurriculumMessage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Subject<PublishRequest> publishRequests = new();
    private readonly long[] accepted;
    private readonly bool[] inOrder;
    private readonly TraceSupply[] supply;
    private readonly int lowLevel;
    private readonly int roomLevel;

    private volatile CurriculumState state;
    private volatile LessonProgress lastTaken;
    private volatile bool finished;
    private ImmutableSortedSet<string> collections = [];
    private ImmutableSortedSet<string> screens = [];
    private PublishRequest[] unpublished = [];
    private Lesson? ready;
    private (int Stage, int Epoch, int[] Order)? shuffled;

    // Number of queued lessons at which the reader wakes the loop; -1 while the loop does not wait for room.
    private int wakeLevel = -1;

    /// <summary>A curriculum at its beginning.</summary>
    /// <param name="options">What is taught.</param>
    /// <param name="store">Where the traces and the commands are.</param>
    /// <param name="encoder">Knows the student's tokens; null where nobody is taught.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="TaskFormatException">The options are faulty; the message has a sentence for each fault.</exception>
    public Curriculum(CurriculumOptions options, TraceStore store, ILessonEncoder? encoder, TimeProvider? time = null)
    {
        if (options.Faults() is { IsEmpty: false } faults)
        {
            throw new TaskFormatException("The curriculum's settings: " + string.Join(' ', faults));
        }

        this.options = options;
        this.store = store;
        this.time = time ?? TimeProvider.System;
        if (encoder is not null)
        {
            var maker = new LessonMaker(encoder, options.MaxLessonTokens, options.TeachReasoning);
            offered = new OfferedLessons(store, maker, (stage, place) => Bus!.Acknowledge(stage, place));
        }

        lessons = Channel.CreateBounded<Lesson>(new BoundedChannelOptions(options.LessonCapacity)
        {
            FullMode = BoundedChannelFullMode.Wait,
            SingleReader = true,
            SingleWriter = true,
        });
        Lessons = new LessonReader(lessons.Reader, Taken);
        accepted = [.. options.Stages.Select(stage => store.Counts.AcceptedByStage.GetValueOrDefault(stage.Name))];
        inOrder = new bool[options.Stages.Length];
        supply = new TraceSupply[options.Stages.Length];
        lowLevel = options.LessonCapacity / 4;
        roomLevel = Math.Min(options.LessonCapacity - 1, options.LessonCapacity * 3 / 4);
        lastTaken = new LessonProgress { Store = store.Id, Stage = options.Stages[0].Name };
        state = new CurriculumState(
            new CurriculumControl { Mixture = options.Mixture, SettingsMixture = options.Mixture },
            lastTaken);
        Bus = new TraceBus(Demand());
        Bus.OnNews(Hear);
        RepeatJournal();
    }

    /// <summary>Brings its traces, and takes its demand to those who collect.</summary>
    public TraceBus Bus { get; }

    /// <summary>
    /// The lessons in order, for one reader. Complete when nothing more is to be taught or the run is cancelled; faulted when the store
    /// cannot be read.
    /// </summary>
    public ChannelReader<Lesson> Lessons { get; }

    /// <inheritdoc/>
    public IObservable<PublishRequest> PublishRequests => Observable.Defer(
        () => publishRequests.Merge(Interlocked.Exchange(ref unpublished, []).ToObservable()));

    /// <summary>Gives out lessons until there are no more or the run is cancelled. Once.</summary>
    /// <exception cref="TraceStoreException">A command could not be journaled or a trace not be read.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                while (inbox.Reader.TryRead(out var message))
                {
                    await HandleAsync(message);
                }

                if (!Advance())
                {
                    if (finished)
                    {
                        return;
                    }

                    await inbox.Reader.WaitToReadAsync(cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end that the caller asked for.
        }
        catch (Exception thrown)
        {
            failure = thrown;
            throw;
        }
        finally
        {
            Close(failure);
        }
    }

    /// <summary>No trace will come that is not stored yet: teaches what is there.</summary>
    public void EndOfCollection()
    {
        for (var stage = 0; stage < options.Stages.Length; stage++)
        {
            inbox.Writer.TryWrite(new NewsMessage(new SupplyChanged(options.Stages[stage].Name, TraceSupply.UsedUp)));
        }
    }

    // On the collecting side's threads.
    private bool Hear(TraceNews news)
    {
        if (news is not CollectingBegan began)
        {
            return inbox.Writer.TryWrite(new NewsMessage(news));
        }

        collections = collections.Union(began.Collections);
        screens = screens.Union(began.Screens);
        for (var stage = 0; stage < inOrder.Length; stage++)
        {
            inOrder[stage] |= began.InOrder.Contains(options.Stages[stage].Name);
        }

        return true;
    }

    // Every change of the state passes here, so that whoever collects knows what is wanted.
    private void MoveTo(CurriculumState next)
    {
        state = next;
        Bus.Ask(Demand());
    }

    private TraceDemand Demand() => new()
    {
        Stage = state.Progress.Stage,
        StageLessons = state.Progress.StageLessons,
        Taken = state.Progress.Taken,
        Mixture = state.Control.Mixture,
        Screens = new ScreenPlan(state.Control.Revision, state.Control.ScreenLimits),
        Paused = state.Control.Paused,
        Finished = finished,
    };

    // One step; false where there is nothing to do but wait for a message.
    private bool Advance()
    {
        if (ready is not null)
        {
            return GiveOut(ready);
        }

        var stage = options.Stages.IndexOf(state.Progress.Stage);
        if (offered is null)
        {
            return CountTaken(stage);
        }

        var isLow = lessons.Reader.Count <= lowLevel;
        var view = new StageView(accepted[stage], supply[stage], inOrder[stage], isLow, state.Control.Paused);
        var (move, epoch) = CurriculumPlan.Next(options, stage, state.Progress, view);
        switch (move)
        {
            case CurriculumMove.Fresh:
                return TeachFresh(offered);
            case CurriculumMove.Again:
                return TeachAgain(offered, stage, epoch!);
            case CurriculumMove.NextStage:
            case CurriculumMove.Finish:
                return LeaveStage(stage);
            case CurriculumMove.WaitUntilLow:
                return !WaitFor(lowLevel);
            default:
                return false;
        }
    }

    // Nobody is taught: what is accepted has had its turn, so a stage lasts as many traces as it has lessons.
    private bool CountTaken(int stage)
    {
        var (progress, length) = (state.Progress, options.Stages[stage].Lessons);
        var taken = Math.Min(accepted[stage], length ?? long.MaxValue);
        return taken > progress.Taken ? Skip(progress with { Taken = taken, StageLessons = taken })
            : (taken == length || supply[stage] == TraceSupply.UsedUp) && LeaveStage(stage);
    }

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

    private bool TeachFresh(OfferedLessons offered)
    {
        var progress = state.Progress;
        var lesson = offered.Take(progress.Stage, progress.Taken);
        progress = progress with { Taken = progress.Taken + 1, StageLessons = progress.StageLessons + 1 };
        return lesson is null
            ? Skip(progress with { Dropped = progress.Dropped + 1 })
            : GiveOut(Numbered(lesson, progress));
    }

    private bool TeachAgain(OfferedLessons offered, int stage, ReplayProgress epoch)
    {
        var progress = state.Progress;
        var place = epoch.Low + OrderOf(stage, epoch)[epoch.Position];
        epoch = epoch with { Position = epoch.Position + 1 };
        var lesson = offered.Again(progress.Stage, place);
        if (lesson is null || state.Control.Mixture.WeightOf(lesson.Collection) == 0)
        {
            return Skip(progress with { Replay = epoch });
        }

        return GiveOut(Numbered(lesson, progress with
        {
            StageLessons = progress.StageLessons + 1,
            Replayed = progress.Replayed + 1,
            Replay = epoch with { Lessons = epoch.Lessons + 1 },
        }));
    }

    private static Lesson Numbered(Lesson lesson, LessonProgress progress)
    {
        progress = progress with { Lessons = progress.Lessons + 1 };
        return lesson with { Ordinal = progress.Lessons, Progress = progress };
    }

    private bool Skip(LessonProgress progress)
    {
        MoveTo(state with { Progress = progress });
        return true;
    }

    // The state moves on only with the lesson: what is still in hand is planned, not given.
    private bool GiveOut(Lesson lesson)
    {
        if (lessons.Writer.TryWrite(lesson))
        {
            ready = null;
            MoveTo(state with { Progress = lesson.Progress! });
            return true;
        }

        ready = lesson;
        return !WaitFor(roomLevel);
    }

    // Asks the reader to wake the loop when no more than that many lessons wait; false where that is so already.
    private bool WaitFor(int level)
    {
        Interlocked.Exchange(ref wakeLevel, level);
        return lessons.Reader.Count > level;
    }

    private void EnterStage(int stage)
    {
        MoveTo(state with
        {
            Progress = state.Progress with
            {
                Stage = options.Stages[stage].Name,
                StageLessons = 0,
                Taken = 0,
                Replay = new ReplayProgress(),
            },
        });
        offered?.Release(IsOver);
    }

    private int[] OrderOf(int stage, ReplayProgress epoch)
    {
        if (shuffled is not { } known || known.Stage != stage || known.Epoch != epoch.Epoch)
        {
            known = (stage, epoch.Epoch, epoch.Order(options.Seed, stage));
            shuffled = known;
        }

        return known.Order;
    }

    // On the trainer's thread.
    private void Taken(Lesson lesson)
    {
        lastTaken = lesson.Progress!;
        if (Volatile.Read(ref wakeLevel) is >= 0 and var level && lessons.Reader.Count <= level
            && Interlocked.Exchange(ref wakeLevel, -1) >= 0)
        {
            inbox.Writer.TryWrite(RoomMessage.Instance);
        }
    }

    private void Acknowledge(CurriculumMessage message)
    {
        if (message is NewsMessage { News: TraceAccepted trace })
        {
            Bus.Acknowledge(trace.Stage, trace.Place);
        }
    }

    private void Close(Exception? failure)
    {
        finished = true;
        inbox.Writer.TryComplete();
        while (inbox.Reader.TryRead(out var message))
        {
            Acknowledge(message);
            (message as CommandMessage)?.Done.TrySetException(OverException());
        }

        offered?.Release((_, _) => true);
        lessons.Writer.TryComplete(failure);
        Bus.Ask(Demand());
        publishRequests.OnCompleted();
    }
}
