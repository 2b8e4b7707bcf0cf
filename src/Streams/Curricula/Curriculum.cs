using System.Collections.Immutable;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using System.Threading.Channels;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;

namespace Orca.Streams.Curricula;

/// <summary>
/// Gives the trainer its lessons: stage after stage, new traces in the order they were accepted, then old ones again. One loop owns
/// the state; which lesson comes next is a function of that state and of the stored traces.
/// </summary>
/// <remarks>
/// Its life: construct, <see cref="Restore"/> where there is a checkpoint, give it to the <see cref="CollectionPipeline"/>, then
/// <see cref="RunAsync"/> once. Without a pipeline say <see cref="EndOfCollection"/>: it then teaches what is stored.
/// </remarks>
public sealed partial class Curriculum : ICurriculumControl
{
    private readonly CurriculumOptions options;
    private readonly TraceStore store;
    private readonly TimeProvider time;
    private readonly OfferedLessons offered;
    private readonly Channel<Lesson> lessons;
    private readonly Channel<CurriculumMessage> inbox = Channel.CreateUnbounded<CurriculumMessage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Subject<PublishRequest> publishRequests = new();
    private readonly long[] accepted;
    private readonly bool[] inOrder;
    private readonly TraceSupply[] supply;
    private readonly int hungerLevel;
    private readonly int roomLevel;

    private volatile CurriculumState state;
    private volatile LessonProgress lastTaken;
    private volatile bool finished;
    private ImmutableSortedSet<string> collections = [];
    private Lesson? ready;
    private (int Stage, int Epoch, int[] Order)? shuffled;

    // Number of queued lessons at which the reader wakes the loop; -1 while the loop does not wait for room.
    private int wakeLevel = -1;

    /// <summary>A curriculum at its beginning.</summary>
    /// <exception cref="TaskFormatException">The options are faulty; the message has a sentence for each fault.</exception>
    public Curriculum(CurriculumOptions options, TraceStore store, ILessonEncoder encoder, TimeProvider? time = null)
    {
        if (options.Faults() is { IsEmpty: false } faults)
        {
            throw new TaskFormatException("The curriculum's settings: " + string.Join(' ', faults));
        }

        this.options = options;
        this.store = store;
        this.time = time ?? TimeProvider.System;
        Maker = new LessonMaker(encoder, options.MaxLessonTokens);
        offered = new OfferedLessons(store, Maker);
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
        hungerLevel = options.LessonCapacity / 4;
        roomLevel = Math.Min(options.LessonCapacity - 1, options.LessonCapacity * 3 / 4);
        lastTaken = new LessonProgress { Store = store.Id, Stage = options.Stages[0].Name };
        state = new CurriculumState(
            new CurriculumControl { Mixture = options.Mixture, SettingsMixture = options.Mixture },
            lastTaken);
        RepeatJournal();
    }

    /// <summary>
    /// The lessons in order, for one reader. Complete when nothing more is to be taught or the run is cancelled; faulted when the store
    /// cannot be read.
    /// </summary>
    public ChannelReader<Lesson> Lessons { get; }

    /// <inheritdoc/>
    public IObservable<PublishRequest> PublishRequests => publishRequests.AsObservable();

    /// <summary>Makes lessons of traces, by the student's tokens.</summary>
    internal LessonMaker Maker { get; }

    /// <summary>Pulsed when a command took effect, the stage changed or the last lesson was given out.</summary>
    internal Signal Changed { get; } = new();

    /// <summary>Whether the last lesson has been given out.</summary>
    internal bool IsFinished => finished;

    internal CurriculumOptions Options => options;

    internal CurriculumState State => state;

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
            Supply(stage, TraceSupply.UsedUp);
        }
    }

    /// <summary>Lessons of this stage wait for slow answers: the order depends on the tasks alone.</summary>
    internal void KeepOrder(int stage) => inOrder[stage] = true;

    /// <summary>The collections that a mixture may name.</summary>
    internal void Know(IEnumerable<string> names) => collections = collections.Union(names);

    /// <summary>Takes an accepted trace; its credit is released when it is taught or no longer wanted.</summary>
    internal void Offer(OfferMessage offer)
    {
        if (!inbox.Writer.TryWrite(offer))
        {
            offer.Release();
        }
    }

    /// <summary>No trace of this stage is on its way; says whether any may come later.</summary>
    internal void Supply(int stage, TraceSupply left) => inbox.Writer.TryWrite(new SupplyMessage(stage, left));

    /// <summary>Index of a stage; -1 where there is none of this name.</summary>
    internal int StageIndex(string name) => options.Stages.Select(stage => stage.Name).ToList().IndexOf(name);

    // One step; false where there is nothing to do but wait for a message.
    private bool Advance()
    {
        if (ready is not null)
        {
            return GiveOut(ready);
        }

        var stage = StageIndex(state.Progress.Stage);
        var hungry = lessons.Reader.Count <= hungerLevel;
        var view = new StageView(accepted[stage], supply[stage], inOrder[stage], hungry, state.Control.Paused);
        var (move, epoch) = CurriculumPlan.Next(options, stage, state.Progress, view);
        switch (move)
        {
            case CurriculumMove.Fresh:
                return TeachFresh(stage);
            case CurriculumMove.Again:
                return TeachAgain(stage, epoch!);
            case CurriculumMove.NextStage:
                EnterStage(stage + 1);
                return true;
            case CurriculumMove.Finish:
                finished = true;
                return false;
            case CurriculumMove.WaitForHunger:
                return !WaitFor(hungerLevel);
            default:
                return false;
        }
    }

    private bool TeachFresh(int stage)
    {
        var progress = state.Progress;
        var lesson = offered.Take(stage, progress.Stage, progress.Taken);
        progress = progress with { Taken = progress.Taken + 1, StageLessons = progress.StageLessons + 1 };
        return lesson is null
            ? Skip(progress with { Dropped = progress.Dropped + 1 })
            : GiveOut(Numbered(lesson, progress));
    }

    private bool TeachAgain(int stage, ReplayProgress epoch)
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
        state = state with { Progress = progress };
        return true;
    }

    // The state moves on only with the lesson: what is still in hand is planned, not given.
    private bool GiveOut(Lesson lesson)
    {
        if (lessons.Writer.TryWrite(lesson))
        {
            ready = null;
            state = state with { Progress = lesson.Progress! };
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
        state = state with
        {
            Progress = state.Progress with
            {
                Stage = options.Stages[stage].Name,
                StageLessons = 0,
                Taken = 0,
                Replay = new ReplayProgress(),
            },
        };
        offered.ReleaseBefore(stage, 0);
        Changed.Pulse();
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
        if (Volatile.Read(ref wakeLevel) is >= 0 and var level && lessons.Reader.Count <= level && Interlocked.Exchange(ref wakeLevel, -1) >= 0)
        {
            inbox.Writer.TryWrite(RoomMessage.Instance);
        }
    }

    private void Close(Exception? failure)
    {
        finished = true;
        inbox.Writer.TryComplete();
        while (inbox.Reader.TryRead(out var message))
        {
            (message as OfferMessage)?.Release();
            (message as CommandMessage)?.Done.TrySetException(OverException());
        }

        offered.ReleaseAll();
        lessons.Writer.TryComplete(failure);
        Changed.Pulse();
        publishRequests.OnCompleted();
    }
}
