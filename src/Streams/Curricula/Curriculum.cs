using System.Collections.Immutable;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using System.Threading.Channels;
using Orca.Streams.Bus;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Curricula.Stages;
using Orca.Streams.Curricula.Watching;
using Orca.Streams.Screening;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;

namespace Orca.Streams.Curricula;

/// <summary>
/// Gives the trainer its lessons, each when it is asked for: by stage, mixture, pace and replay, as settings and commands say. One loop
/// owns the state; which lesson comes next is a function of that state, of the stored traces, and of the log of the lessons before.
/// </summary>
/// <remarks>
/// Its life: construct, <see cref="Restore"/> where there is a checkpoint, give its <see cref="Bus"/> to whoever collects, then
/// <see cref="RunAsync"/> once. Where nobody collects say <see cref="EndOfCollection"/>: it then teaches what is stored. Where nobody is
/// taught it only counts: each accepted trace is one of its stage's lessons, once, and none is given out.
/// </remarks>
public sealed partial class Curriculum : ICurriculumControl, ITrainerLink
{
    private readonly CurriculumOptions options;
    private readonly TraceStore store;
    private readonly LessonBook? book;
    private readonly Channel<Lesson> lessons;
    private readonly Channel<CurriculumMessage> inbox =
        Channel.CreateUnbounded<CurriculumMessage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Subject<PublishRequest> publishRequests = new();
    private readonly long[] accepted;
    private readonly bool[] inOrder;
    private readonly TraceSupply[] supply;

    private volatile CurriculumState state;
    private volatile LessonProgress lastTaken;
    private volatile bool finished;
    private volatile bool running;
    private CollectingBegan collecting = new([], [], []);
    private volatile StudentAnswers students = StudentAnswers.None;
    private PublishRequest[] unpublished = [];

    /// <summary>A curriculum at its beginning.</summary>
    /// <param name="options">What is taught.</param>
    /// <param name="store">Where the traces and the commands are.</param>
    /// <param name="encoder">Knows the student's tokens; null where nobody is taught.</param>
    /// <exception cref="TaskFormatException">The options are faulty; the message has a sentence for each fault.</exception>
    public Curriculum(CurriculumOptions options, TraceStore store, ILessonEncoder? encoder)
    {
        if (options.Faults() is { IsEmpty: false } faults)
        {
            throw new TaskFormatException("The curriculum's settings: " + string.Join(' ', faults));
        }

        this.options = options;
        this.store = store;
        book = encoder is null ? null
            : new LessonBook(
                store, new LessonMaker(encoder, options.MaxLessonTokens, options.TeachReasoning) { Reading = options.Reading() });
        lessons = Channel.CreateBounded<Lesson>(new BoundedChannelOptions(1)
        {
            FullMode = BoundedChannelFullMode.Wait,
            SingleReader = true,
            SingleWriter = true,
        });
        Lessons = new LessonReader(lessons.Reader, Taken, () => inbox.Writer.TryWrite(WantedMessage.Instance));
        accepted = [.. options.Stages.Select(stage => store.Counts.AcceptedByStage.GetValueOrDefault(stage.Name))];
        inOrder = new bool[options.Stages.Length];
        supply = new TraceSupply[options.Stages.Length];
        lastTaken = new LessonProgress { Store = store.Id, Stage = options.Stages[0].Name };
        state = new CurriculumState(new Steering { Mixture = options.Mixture, SettingsMixture = options.Mixture }, lastTaken);
        History = options.History ?? new RunHistory(TimeProvider.System);
        Bus = new TraceBus(Demand());
        Bus.OnNews(Hear);
        RepeatJournal();
    }

    /// <summary>Brings its traces, and takes its demand to those who collect.</summary>
    public TraceBus Bus { get; }

    /// <summary>
    /// The lessons in order, for one reader; each is chosen when it is asked for. Complete when nothing more is to be taught or the run is
    /// cancelled; faulted when the store cannot be read.
    /// </summary>
    public ChannelReader<Lesson> Lessons { get; }

    /// <inheritdoc/>
    public RunHistory History { get; }

    /// <inheritdoc/>
    public IObservable<PublishRequest> PublishRequests => Observable.Defer(
        () => publishRequests.Merge(Interlocked.Exchange(ref unpublished, []).ToObservable()));

    /// <summary>Gives out lessons until there are no more or the run is cancelled. Once.</summary>
    /// <exception cref="TraceStoreException">A trace could not be read.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Exception? failure = null;
        running = true;
        try
        {
            Begin();
            while (!cancellationToken.IsCancellationRequested)
            {
                while (inbox.Reader.TryRead(out var message))
                {
                    await HandleOrRefuseAsync(message);
                }

                if (!await AdvanceAsync())
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
            await LogAsync();
            Close(failure);
        }
    }

    /// <summary>No trace will come that is not stored yet: teaches what is there.</summary>
    public void EndOfCollection()
    {
        foreach (var stage in options.Stages)
        {
            inbox.Writer.TryWrite(new NewsMessage(new SupplyChanged(stage.Name, TraceSupply.UsedUp)));
        }
    }

    /// <summary>Tells how the student did on held-out questions: by that a stage may end.</summary>
    public void Hear(Examined examined) => inbox.Writer.TryWrite(new ExaminedMessage(examined));

    // On the collecting side's threads.
    private bool Hear(TraceNews news)
    {
        if (news is not CollectingBegan began)
        {
            return inbox.Writer.TryWrite(new NewsMessage(news));
        }

        (collecting, students) = (began, began.Student);
        ForgetShares();
        for (var stage = 0; stage < inOrder.Length; stage++)
        {
            inOrder[stage] |= began.InOrder.Contains(options.Stages[stage].Name);
        }

        Bus.Ask(Demand());
        return true;
    }

    private int Stage => options.Stages.IndexOf(state.Progress.Stage);

    // Every change of the state passes here, so that whoever collects knows what is wanted.
    private void MoveTo(CurriculumState next)
    {
        if (!ReferenceEquals(next.Steering, state.Steering))
        {
            ForgetShares();
        }

        state = next;
        Bus.Ask(Demand());
    }

    private TraceDemand Demand() => new()
    {
        Stage = state.Progress.Stage,
        Repeated = state.Progress.StageLessons - state.Progress.Fresh,
        Mixture = DrawnMixture(),
        MessageWeights = state.Steering.MessageWeights,
        MaxDifficulty = Pacing.MaxDifficulty,
        Screens = new ScreenPlan(state.Steering.Revision, state.Steering.ScreenLimits),
        Teachers = state.Steering.Teachers,
        Paused = state.Steering.Paused.HasFlag(PausedWork.Collecting),
        Finished = finished,
    };

    // Whoever waits for an answer gets one, also where the loop ends by what it was told.
    private async Task HandleOrRefuseAsync(CurriculumMessage message)
    {
        try
        {
            await HandleAsync(message);
        }
        catch
        {
            Refuse(message);
            throw;
        }
    }

    private async Task HandleAsync(CurriculumMessage message)
    {
        switch (message)
        {
            case NewsMessage { News: TraceAccepted trace }:
                Accept(trace);
                break;
            case NewsMessage { News: SupplyChanged change } when options.Stages.IndexOf(change.Stage) is >= 0 and var stage:
                supply[stage] = change.Supply;
                break;
            case NewsMessage { News: StudentAnswered answered }:
                students = students.With(answered);
                break;
            case CommandMessage command:
                await HandleCommandAsync(command);
                break;
            case ExaminedMessage examined:
                Look(examined.Examined);
                break;
            default:
                await HandleTrainerAsync(message);
                break;
        }
    }

    // On the trainer's thread.
    private void Taken(Lesson lesson) => lastTaken = lesson.Progress!;

    private void Close(Exception? failure)
    {
        finished = true;
        inbox.Writer.TryComplete();
        while (inbox.Reader.TryRead(out var message))
        {
            Refuse(message);
        }

        TellUntold();
        LetAllGo();
        lessons.Writer.TryComplete(failure);
        Bus.Ask(Demand());
        publishRequests.OnCompleted();
    }

    private void Refuse(CurriculumMessage message)
    {
        switch (message)
        {
            case NewsMessage { News: TraceAccepted trace }:
                Bus.Acknowledge(trace.Stage, trace.Place);
                break;
            case CommandMessage command:
                command.Done.TrySetException(OverException());
                break;
            case FilledMessage filled:
                filled.Done.TrySetResult(LastOrders());
                break;
            case LogMessage log:
                log.Done.TrySetResult(false);
                break;
            case MadeMessage made:
                made.Done.TrySetResult(false);
                break;
            case RolledBackMessage rolledBack:
                rolledBack.Done.TrySetResult(false);
                break;
            case RefusedMessage refused:
                refused.Done.TrySetResult(false);
                break;
        }
    }
}
