using System.Collections.Immutable;
using Orca.Cli.Collecting;
using Orca.Cli.Configuration;
using Orca.Evaluation.Subjects;
using Orca.Streams.Collecting;
using Orca.Streams.Collecting.StudentFirst;
using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Watching;
using Orca.Streams.Scoring;
using Orca.Streams.Screening;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Training;
using Orca.Training.Checkpoints;

namespace Orca.Cli.Daemon;

/// <summary>The parts of a run that collect, teach and train, wired together and not yet started.</summary>
internal sealed class LearningParts : IAsyncDisposable
{
    private readonly TraceStore _store;
    private readonly TaskSampler? _sampler;
    private readonly TeacherSet? _teachers;
    private readonly LossScorer? _loss;
    private readonly ServedStudent? _student;
    private readonly Action? _remember;

    private LearningParts(
        TraceStore store, ScreenedAgain screenedAgain, Curriculum curriculum, Trainer? trainer, CollectionPipeline? pipeline,
        TaskSampler? sampler, TeacherSet? teachers, LossScorer? loss, ServedStudent? student, Action? remember)
    {
        (_store, ScreenedAgain, Curriculum, Trainer) = (store, screenedAgain, curriculum, trainer);
        (Pipeline, _sampler, _teachers, _loss, _student, _remember) = (pipeline, sampler, teachers, loss, student, remember);
    }

    /// <summary>What became of traces that were rejected by settings which are not in force any more.</summary>
    public ScreenedAgain ScreenedAgain { get; }

    /// <summary>What is taught, or only counted where this process does not train.</summary>
    public Curriculum Curriculum { get; }

    /// <summary>Who learns; null where this process does not train.</summary>
    public Trainer? Trainer { get; }

    /// <summary>What training takes; null where this process does not train.</summary>
    public TrainingMemory? Memory { get; private init; }

    /// <summary>How many requests of the run have ended how.</summary>
    public StoreCounts Counts => _store.Counts;

    /// <summary>Calls that are under way now.</summary>
    public int CallsInFlight => _teachers?.InFlight() ?? 0;

    /// <summary>From task to trace; null where this process does not collect.</summary>
    public CollectionPipeline? Pipeline { get; }

    /// <summary>
    /// Has the student of this process tell its loss on answers, and be asked before teachers are, where the settings name no other.
    /// </summary>
    /// <param name="scorer">The student, asked how likely it finds answers.</param>
    /// <param name="student">The student.</param>
    /// <param name="answers">Completes when it answers.</param>
    /// <returns>Whether answers of teachers wait for it.</returns>
    public bool Follow(ITextScorer scorer, ITextGenerator student, Task answers)
    {
        _loss?.Follow(scorer, answers);
        _student?.Follow(student, scorer, answers);
        return _loss is { IsWaiting: true };
    }

    /// <summary>Wires a run, going on where its folder says it stopped.</summary>
    /// <param name="folder">The run's.</param>
    /// <param name="inputs">What it is made of.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <param name="history">What happens in the run is remembered there; null for nowhere that is watched.</param>
    /// <param name="mostCandidates">Questions that this start may bring to an end; null for as many as the settings say.</param>
    public static async Task<LearningParts> OpenAsync(
        RunFolder folder, RunInputs inputs, OrcaSettings settings, TimeProvider clock, CancellationToken cancellationToken,
        int? mostCandidates = null, RunHistory? history = null)
    {
        var store = TraceStore.Open(folder.Traces, time: clock);
        try
        {
            var encoder = inputs.Student is { } learner ? new TemplateLessonEncoder(learner.Template, learner.Tokenizer) : null;
            var earlier = RunScreens.EarlierOf(settings, folder);
            var screens = RunScreens.Of(settings, inputs.LessonsOf(settings), store, earlier);

            // Before the curriculum looks at what is accepted.
            var again = await store.ScreenAgainAsync(screens, cancellationToken: cancellationToken);
            var curriculum = new Curriculum(CurriculumOptionsOf(folder, settings, inputs) with { History = history }, store, encoder);
            if (inputs.Latest?.Curriculum is { } saved)
            {
                curriculum.Restore(saved);
            }

            var memory = inputs.Student is { } student ? TrainingMemory.Of(settings, student, inputs.Latest) : null;
            var trainer = memory is null ? null : TrainerOf(folder, inputs.Student!, memory.Options, curriculum, clock);
            if (!settings.Run.Has("collect"))
            {
                return new LearningParts(store, again, curriculum, trainer, null, null, null, null, null, null) { Memory = memory };
            }

            var sampler = new TaskSampler(
                inputs.Sources.SelectMany(source => source is ReasoningTasks reasoning ? reasoning.ByFamily() : [source]),
                RunInputs.SamplingOf(settings));
            var teachers = await TeacherSet.OpenAsync(settings.Teacher, store, inputs.Faults, clock, cancellationToken);
            var loss = await LossScorer.OfAsync(settings, cancellationToken);
            var asked = ServedStudent.Of(settings, clock);
            var collection = CollectionOptionsOf(settings, teachers.Concurrency);
            collection = collection with
            {
                Sieves = RunScreens.SievesOf(settings, earlier),
                Control = new ControlArm(settings.Curriculum.ControlShare, settings.Run.Seed),
                Answers = settings.Teacher.Answers,
                Judge = teachers.Judge,
                Student = asked is not null && settings.Curriculum.AskStudentFirst ? StudentOptionsOf(settings, asked, clock) : null,
                Best = BestOf(settings, loss),
                Scorers = loss is null
                    ? Scorers.Of(settings.Curriculum.Scores)
                    : Scorers.Of(settings.Curriculum.Scores.Append(loss.Name), loss),
            };
            collection = collection with { Goal = Sooner(collection.Goal, store.Counts.Questions + mostCandidates) };
            var pipeline = new CollectionPipeline(
                sampler, inputs.Messages, TeachersOf(settings, teachers, asked, store, clock), screens, store, Stages.Of(settings),
                curriculum.Bus, collection);
            return new LearningParts(
                store, again, curriculum, trainer, pipeline, sampler, teachers, loss, asked,
                earlier is null ? null : () => earlier.Save(folder.Traces))
            {
                Memory = memory,
            };
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_sampler is { } sampler)
        {
            await sampler.DisposeAsync();
        }

        if (_teachers is { } teachers)
        {
            await teachers.DisposeAsync();
        }

        _loss?.Dispose();
        _student?.Dispose();
        await _store.DisposeAsync();
        _remember?.Invoke();
    }

    /// <summary>After how much collecting ends, as the settings describe it.</summary>
    public static CollectionGoal GoalOf(CollectSettings settings) => new() { Accept = settings.Accept, Candidates = settings.Candidates };

    /// <summary>How it is collected, as the settings describe it.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="concurrency">Requests that its endpoints answer at once.</param>
    public static CollectionOptions CollectionOptionsOf(OrcaSettings settings, int concurrency) => new()
    {
        // Twice as many requests as can be in flight: there is always one to follow on, beside those that are stored and judged. A
        // question makes as many as it is asked for answers.
        Credits = Math.Max(CollectionOptions.DefaultCredits, 2 * concurrency / settings.Teacher.Answers),
        Goal = GoalOf(settings.Collect),
        LaterShare = settings.Tasks.ExpertShare,
    };

    private static IReadOnlyDictionary<string, ITeacher> TeachersOf(
        OrcaSettings settings, TeacherSet teachers, ServedStudent? student, TraceStore store, TimeProvider clock) =>
        student is null || settings.Curriculum.PracticeLessons == 0 ? teachers.ByStage : new Dictionary<string, ITeacher>(teachers.ByStage)
        {
            [Stages.Practice] = new PractisingStudent(
                student, settings.Curriculum.PracticeTemperature, new ReadingCheck(student, () => LastExplanations(store)), clock),
        };

    private static IEnumerable<Trace> LastExplanations(TraceStore store) => store.Accepted(
        Stages.Expert,
        Math.Max(0, store.Counts.AcceptedByStage.GetValueOrDefault(Stages.Expert) - ReadingCheck.Explanations),
        ReadingCheck.Explanations).Select(accepted => accepted.Trace);

    // A student that many questions wait for is not given up for it.
    private static StudentOptions StudentOptionsOf(OrcaSettings settings, ServedStudent student, TimeProvider clock) => new(student)
    {
        Margin = new StudentMargin(settings.Curriculum.StudentMargin, settings.Curriculum.StudentAnswers),
        AskAnywayShare = settings.Curriculum.AskAnywayShare,
        Seed = settings.Run.Seed,
        ExplainMistakesIn = settings.Teacher.ExplainMistakes ? [Stages.Expert] : [],
        Patience = TimeSpan.FromMinutes(5),
        Time = clock,
    };

    // Where a question is asked once nobody is asked for a loss, and answers of an earlier start are put in order without it.
    private static ImmutableArray<Preference> BestOf(OrcaSettings settings, LossScorer? loss) =>
        [.. settings.Teacher.Best.Select(Preference.Of).Where(preference => loss is not null || preference.Score != LossScorer.ScoreName)];

    private static CollectionGoal Sooner(CollectionGoal goal, long? candidates) =>
        candidates < (goal.Candidates ?? long.MaxValue) ? goal with { Candidates = candidates } : goal;

    private static CurriculumOptions CurriculumOptionsOf(RunFolder folder, OrcaSettings settings, RunInputs inputs) => new()
    {
        Stages = Stages.Of(settings),
        Mixture = Mixture.Of(settings.Curriculum.Mixture),
        Policy = settings.Curriculum.ToPolicy(),
        Pacing = settings.Curriculum.ToPacing(),
        LessonCapacity = settings.Curriculum.LessonCapacity,
        MaxLessonTokens = inputs.LongestLesson(settings.Training) ?? int.MaxValue,
        MaxReuses = settings.Curriculum.MaxReuses,
        ReplayRatio = settings.Curriculum.ReplayRatio,
        TeachReasoning = settings.Curriculum.TeachReasoning,
        PracticeReplay = settings.Curriculum.PracticeReplay,
        ReadingShare = settings.Curriculum.ReadingShare,
        Seed = settings.Run.Seed,
        Steerable = new Steerable
        {
            IsTrained = inputs.Student is not null,
            AsksStudent = settings.Curriculum.AskStudentFirst,
            Checkpoints = folder.CheckpointNames,
            Endpoints = settings.Teacher.Kind == "openai"
                ? [.. TeacherEndpoints.Of(settings.Teacher).Select(endpoint => endpoint.Name)]
                : [],
        },
    };

    private static Trainer TrainerOf(
        RunFolder folder, Student student, TrainerOptions options, Curriculum curriculum, TimeProvider clock)
    {
        var run = new TrainingRun
        {
            Student = student,
            CheckpointRoot = folder.Checkpoints,
            MetricsFile = folder.Metrics,
            Curriculum = _ => new CurriculumSnapshot(curriculum.Snapshot(), curriculum.Status.Revision),
            Link = curriculum,
        };
        return new Trainer(options, run, clock);
    }
}
