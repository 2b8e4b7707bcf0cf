using System.Collections.Immutable;
using Orca.Cli.Configuration;
using Orca.Streams.Collecting;
using Orca.Streams.Curricula;
using Orca.Streams.Sieves;
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

    private LearningParts(
        TraceStore store, ScreenedAgain screenedAgain, Curriculum curriculum, Trainer? trainer, CollectionPipeline? pipeline,
        TaskSampler? sampler, TeacherSet? teachers)
    {
        (_store, ScreenedAgain, Curriculum, Trainer) = (store, screenedAgain, curriculum, trainer);
        (Pipeline, _sampler, _teachers) = (pipeline, sampler, teachers);
    }

    /// <summary>What became of traces that were rejected by settings which are not in force any more.</summary>
    public ScreenedAgain ScreenedAgain { get; }

    /// <summary>What is taught.</summary>
    public Curriculum Curriculum { get; }

    /// <summary>Who learns; null where this process does not train.</summary>
    public Trainer? Trainer { get; }

    /// <summary>From task to trace; null where this process does not collect.</summary>
    public CollectionPipeline? Pipeline { get; }

    /// <summary>Wires a run, going on where its folder says it stopped.</summary>
    public static async Task<LearningParts> OpenAsync(
        RunFolder folder, RunInputs inputs, OrcaSettings settings, TimeProvider clock, CancellationToken cancellationToken)
    {
        var store = TraceStore.Open(folder.Traces, time: clock);
        try
        {
            var screens = RunScreens.Of(settings, inputs.Student);

            // Before the curriculum looks at what is accepted.
            var again = await store.ScreenAgainAsync(screens, cancellationToken: cancellationToken);
            var curriculum = new Curriculum(
                CurriculumOptionsOf(settings), store, new TemplateLessonEncoder(inputs.Student.Template, inputs.Student.Tokenizer), clock);
            if (inputs.Latest?.Curriculum is { } saved)
            {
                curriculum.Restore(saved);
            }

            var trainer = settings.Run.Has("train") ? TrainerOf(folder, inputs.Student, curriculum, settings, clock) : null;
            if (!settings.Run.Has("collect"))
            {
                return new LearningParts(store, again, curriculum, trainer, null, null, null);
            }

            var split = new HeldOutSplit(settings.Tasks.HeldOutOneIn);
            var sampler = new TaskSampler(inputs.Sources.Select(split.TrainingPart), settings.Run.Seed);
            var teachers = await TeacherSet.OpenAsync(settings.Teacher, store, inputs.Faults, clock, cancellationToken);

            // Twice as many as can be in flight: there is always one to follow on, beside those that are stored and judged.
            var collection = new CollectionOptions { Credits = Math.Max(CollectionOptions.DefaultCredits, 2 * teachers.Concurrency) };
            var pipeline = new CollectionPipeline(
                sampler, inputs.Messages, teachers.ByStage, screens, store, Stages.Of(settings), curriculum.Bus, collection, clock);
            return new LearningParts(store, again, curriculum, trainer, pipeline, sampler, teachers);
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

        await _store.DisposeAsync();
    }

    private static CurriculumOptions CurriculumOptionsOf(OrcaSettings settings) => new()
    {
        Stages = Stages.Of(settings),
        Mixture = Mixture.Of(settings.Curriculum.Mixture),
        LessonCapacity = settings.Curriculum.LessonCapacity,
        MaxLessonTokens = settings.Training.SequenceLength,
        MaxReuses = settings.Curriculum.MaxReuses,
        TeachReasoning = settings.Curriculum.TeachReasoning,
        Seed = settings.Run.Seed,
    };

    private static Trainer TrainerOf(RunFolder folder, Student student, Curriculum curriculum, OrcaSettings settings, TimeProvider clock)
    {
        var run = new TrainingRun
        {
            Student = student,
            CheckpointRoot = folder.Checkpoints,
            MetricsFile = folder.Metrics,
            Curriculum = _ => new CurriculumSnapshot(curriculum.Snapshot(), curriculum.Status.Revision),
        };
        return new Trainer(settings.Training.ToOptions(settings.Run, settings.Student), run, clock);
    }
}
