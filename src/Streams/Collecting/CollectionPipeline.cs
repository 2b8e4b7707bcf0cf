using System.Collections.Immutable;
using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using Orca.Streams.Bus;
using Orca.Streams.Collecting.StudentFirst;
using Orca.Streams.Screening;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Streams.Collecting;

/// <summary>
/// From task to trace: draw a query, ask the student where one is to be asked first, ask the stage's teacher, screen the answer, store the
/// verdict, hand the trace over. One Rx composition, paced by credits: a query holds one from its draw until its trace is taken or
/// rejected, so what is on its way is bounded from end to end and a slow trainer slows the teachers.
/// </summary>
/// <remarks>
/// A query whose answer is stored is not asked again, however the last run ended. With a deterministic teacher the traces are handed
/// over in the order of the queries. Owns none of what it is given.
/// </remarks>
public sealed class CollectionPipeline
{
    private const int RateSeconds = 10;

    private readonly TaskSampler sampler;
    private readonly SystemMessages messages;
    private readonly IReadOnlyDictionary<string, ITeacher> teachers;
    private readonly ScreenSet screens;
    private readonly TraceStore store;
    private readonly ImmutableArray<CurriculumStage> stages;
    private readonly TraceBus bus;
    private readonly CollectionOptions options;
    private readonly CollectionEvents events;
    private readonly SemaphoreSlim credits;
    private readonly StudentAsking? student;
    private TeacherTuning tuned = TeacherTuning.None;

    /// <summary>A pipeline onto this bus.</summary>
    /// <param name="sampler">Where queries come from.</param>
    /// <param name="messages">Chooses each query's system message.</param>
    /// <param name="teachers">Every teacher that a stage names.</param>
    /// <param name="screens">What a trace must pass.</param>
    /// <param name="store">Where everything is kept.</param>
    /// <param name="stages">The stages in order.</param>
    /// <param name="bus">Where accepted traces go, and where it is told what is wanted.</param>
    /// <param name="options">How much at once, and until when.</param>
    /// <exception cref="TaskFormatException">A stage names a teacher that is not there, or an option is out of range.</exception>
    public CollectionPipeline(
        TaskSampler sampler,
        SystemMessages messages,
        IReadOnlyDictionary<string, ITeacher> teachers,
        ScreenSet screens,
        TraceStore store,
        ImmutableArray<CurriculumStage> stages,
        TraceBus bus,
        CollectionOptions? options = null)
    {
        this.options = options ?? new CollectionOptions();
        if (this.options.Credits < 1)
        {
            throw new TaskFormatException($"Credits is {this.options.Credits}; give 1 or more.");
        }

        if (this.options.Answers < 1)
        {
            throw new TaskFormatException($"Answers is {this.options.Answers}; give 1 or more.");
        }

        if (this.options.Answers > 1 && stages.FirstOrDefault(stage => teachers.GetValueOrDefault(stage.Teacher)?.IsDeterministic == true)
            is { } alike)
        {
            throw new TaskFormatException($"Answers is {this.options.Answers}, but the teacher '{alike.Teacher}' answers a question the "
                + "same each time; give 1.");
        }

        if (this.options.Student?.Fault is { } fault)
        {
            throw new TaskFormatException(fault);
        }

        if (stages.Any(stage => stage.Name == TeacherRequest.JudgeStage))
        {
            throw new TaskFormatException($"A stage is named '{TeacherRequest.JudgeStage}', which is the judge's; give it another name.");
        }

        if (stages.FirstOrDefault(stage => !teachers.ContainsKey(stage.Teacher)) is { } stranger)
        {
            throw new TaskFormatException($"The stage '{stranger.Name}' names the teacher '{stranger.Teacher}'; there are "
                + $"{string.Join(", ", teachers.Keys)}.");
        }

        this.sampler = sampler;
        this.messages = messages;
        this.teachers = teachers;
        this.screens = screens;
        this.store = store;
        this.stages = stages;
        this.bus = bus;
        events = new CollectionEvents();
        credits = new SemaphoreSlim(this.options.Credits);
        student = this.options.Student is { } first ? new StudentAsking(first, store, bus, events) : null;
        bus.OnAcknowledged((_, _) => credits.Release());
        bus.OnDemand(Tune);
        bus.Send(new CollectingBegan(
            [.. sampler.Collections], [.. screens.Screens.Select(screen => screen.Name)],
            [.. stages.Where(stage => teachers[stage.Teacher].IsDeterministic).Select(stage => stage.Name)])
        {
            Tasks = sampler.Tasks,
            Sizes = sampler.Sizes,
            Messages = [.. messages.All.Select(message => message.Id)],
            Student = Student,
        });
    }

    /// <summary>What happens, as it happens. Hot, one event at a time; listeners must be quick.</summary>
    public IObservable<PipelineEvent> Events => events.All;

    /// <summary>How often the student is right by now, where it is asked before teachers are.</summary>
    public StudentAnswers Student => student?.Answers ?? StudentAnswers.None;

    /// <summary>What has happened in this run: as it stands, then after every event. Sample it.</summary>
    public IObservable<PipelineStatistics> Statistics => events.Statistics;

    /// <summary>Traces judged in a second, over the last ten, told every second.</summary>
    public IObservable<double> TracesPerSecond => Events.Where(told => told is TraceKept or TraceRejected).PerSecond(RateSeconds);

    /// <summary>
    /// Collects stage after stage until the tasks of the last are used up, its length is reached, the goal, or a budget's end. Cancelled,
    /// it draws nothing more, stores what has been answered and returns; what was not answered is drawn again in the next run. Once.
    /// </summary>
    /// <returns>Why it ended.</returns>
    /// <exception cref="TeacherException">
    /// A teacher is given up or its settings are at fault; nothing that was answered is lost.
    /// </exception>
    /// <exception cref="TraceStoreException">The store cannot be written.</exception>
    public async Task<CollectionEnd> RunAsync(CancellationToken cancellationToken)
    {
        using var faults = sampler.Faults.Subscribe(fault => events.Tell(new SourceFaulted(fault)));
        try
        {
            var resumed = CollectorPosition.FromJson(store.Position());
            var (taught, collected) = await ResumeAsync(resumed);
            var end = CollectionEnd.StagesFilled;
            for (var stage = 0; stage < stages.Length; stage++)
            {
                // A goal or a budget is of what teachers answer; the student answers for nothing.
                if (!IsOfItsStage(end) && !stages[stage].IsPractice)
                {
                    bus.Send(new SupplyChanged(stages[stage].Name, TraceSupply.UsedUp));
                    continue;
                }

                if (QuestionsOf(stage, taught, collected, resumed) is { } questions)
                {
                    var ended = await CollectAsync(stage, questions, cancellationToken);
                    end = stages[stage].IsPractice && !IsOfItsStage(end) ? end : ended;
                }

                if (cancellationToken.IsCancellationRequested)
                {
                    return CollectionEnd.Cancelled;
                }

                bus.Send(new SupplyChanged(stages[stage].Name, TraceSupply.UsedUp));
                if (stage >= collected)
                {
                    events.Tell(new StageCollected(stages[stage].Name));
                    await BeginNextStageAsync();
                }
            }

            return end;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return CollectionEnd.Cancelled;
        }
        finally
        {
            events.Complete();
        }
    }

    // Goes on where the last run stopped, or with the curriculum's stage where that is further: the stage that is taught, and the one that
    // is collected.
    private async Task<(int Taught, int Collected)> ResumeAsync(CollectorPosition? position)
    {
        var taught = stages.IndexOf(bus.Demand.Stage);
        if (position is null)
        {
            return (taught, taught);
        }

        await sampler.RestoreAsync(position.Sampler);
        bus.NextDraw = Math.Max(bus.NextDraw, position.Draws + 1);
        var collected = Math.Max(stages.IndexOf(position.Stage), taught);
        if (stages[collected].Name != position.Stage)
        {
            await BeginNextStageAsync();
        }

        return (taught, collected);
    }

    private ValueTask BeginNextStageAsync() =>
        options.LaterShare is { } share ? sampler.BeginAgainAsync(share) : sampler.BeginPassAsync();

    // Of a stage that collecting has passed, those whose end was left open: what stood in their way may be gone. Null for none.
    private IQuestions? QuestionsOf(int stage, int taught, int collected, CollectorPosition? resumed)
    {
        var name = stages[stage].Name;
        return stage >= collected && stages[stage].IsPractice
                ? new ExplainedQuestions(
                    store, stages[stage - 1].Name, name, resumed?.Stage == name ? resumed.Explained : 0, sampler.State)
            : stage >= collected ? new SampledQuestions(sampler, messages, name, options.Sieves, events)
            : stage >= taught && store.LeftOpen(name) is { IsEmpty: false } open ? new LeftOpenQuestions(open)
            : null;
    }

    private async Task<CollectionEnd> CollectAsync(int stage, IQuestions questions, CancellationToken cancellationToken)
    {
        var teacher = TeacherOf(stage);
        events.Tell(new StageOpened(stages[stage].Name, teacher.Name));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var asking = new TeacherAsking(teacher, events);
        var isPractice = stages[stage].IsPractice;
        var (answers, goal) = isPractice ? (1, new CollectionGoal()) : (options.Answers, options.Goal);
        var draw = new QueryDraw(stage, stages, questions, answers, goal, store, bus, events, credits);
        using var judge = options.Judge is { } asked ? new AnswerJudge(asked, teacher, store, events) : null;
        var judging = new AnswerJudging(ScreensInForce, options.Control, judge, options.Scorers, options.Best, events);
        var work = new WorkInFlight(stop);
        var order = teacher.IsDeterministic ? ResultOrder.InTurn : ResultOrder.AsTheyCome;

        var collected = draw.Queries(work, stop.Token)
            .AskStudent(isPractice ? null : student, order, work, stop.Token)
            .Ask(asking, store, draw, order, work, stop.Token)
            .Screen(judging, draw, order, work, stop.Token)
            .Settle(store, draw, work)
            .HandOver(bus, draw, events, credits);
        try
        {
            // Not cancelled from here: the drawing ends, what is on its way comes to its end, and so does the composition.
            await collected.LastOrDefaultAsync().ToTask(CancellationToken.None);
            return draw.End;
        }
        finally
        {
            await stop.CancelAsync();
            await work.DrainAsync();
        }
    }

    // At once: what is set of teachers holds for every call that begins after it, whoever waits for it.
    private void Tune(TraceDemand demand)
    {
        if (ReferenceEquals(demand.Teachers, tuned))
        {
            return;
        }

        tuned = demand.Teachers;
        foreach (var teacher in teachers.Values.Concat(options.Judge is { } judge ? [judge] : []).Distinct())
        {
            teacher.Tune(tuned);
        }
    }

    // By the limits that are in force when it is judged.
    private ScreenSet ScreensInForce() => bus.Demand.Screens is { Limits.IsEmpty: false } tuned ? screens.Tuned(tuned) : screens;

    // What ends one stage and says nothing of the next.
    private static bool IsOfItsStage(CollectionEnd end) =>
        end is CollectionEnd.StagesFilled or CollectionEnd.QuestionsUsedUp or CollectionEnd.StageBudgetSpent;

    private ITeacher TeacherOf(int stage) => teachers[stages[stage].Teacher];
}
