using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Orca.Cli.Configuration;
using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Sieves;
using Orca.Streams.Tasks;
using Orca.Streams.Tasks.Records;
using Orca.Training;
using Orca.Training.Checkpoints;

namespace Orca.Cli.Daemon;

/// <summary>What a run is made of before anything moves.</summary>
/// <param name="Student">Who learns; null where this process does not train.</param>
/// <param name="Latest">The checkpoint it goes on from; null where it begins, and where this process does not train.</param>
/// <param name="Sources">Where questions come from, held-out ones included.</param>
/// <param name="Messages">Chooses every question's system message.</param>
/// <param name="Faults">Hears of malformed records that no pipeline reports.</param>
internal sealed record RunInputs(
    Student? Student, LatestCheckpoint? Latest, ImmutableArray<ITaskSource> Sources, SystemMessages Messages, IProgress<SourceFault> Faults)
{
    /// <summary>Tokens of the longest lesson; null where nobody learns.</summary>
    public int? LongestLesson(TrainingSettings settings) => Student is null ? null : LongestLesson(Student, settings);

    /// <summary>Makes the student's lessons; null where nobody learns.</summary>
    public LessonMaker? LessonsOf(OrcaSettings settings) => Student is null ? null : LessonsOf(Student, settings);

    /// <summary>Reads everything the settings name.</summary>
    public static RunInputs Open(
        RunFolder folder, OrcaSettings settings, IProgress<SourceFault> faults, IProgress<IndexingProgress>? progress = null,
        Action<string>? warn = null, CancellationToken cancellationToken = default)
    {
        var (student, latest) = settings.Run.Has("train") ? StudentChoice.Make(folder, settings.Student, warn) : (null, null);
        var asksOrExamines = settings.Run.Has("collect") || settings.Run.Has("train");
        return new RunInputs(
            student, latest, asksOrExamines ? SourcesOf(settings, faults, progress, cancellationToken) : [], MessagesOf(settings), faults);
    }

    /// <summary>The sources of the settings.</summary>
    public static ImmutableArray<ITaskSource> SourcesOf(
        OrcaSettings settings, IProgress<SourceFault> faults, IProgress<IndexingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var options = OptionsOf(settings);
        return [.. settings.Tasks.Sources.SelectMany(source => TaskSpec.Of(source).Open(options, faults, progress, cancellationToken))];
    }

    /// <summary>How questions are drawn from files, as the settings describe it.</summary>
    public static SourceOptions OptionsOf(OrcaSettings settings) => new()
    {
        Seed = settings.Run.Seed,
        PerTask = settings.Tasks.PerTask,
        IsShuffled = settings.Tasks.Order == "random",
        Templates = settings.Tasks.Templates == "all" ? TemplateChoice.All : TemplateChoice.ZeroShot,
        ExcludedTasks = settings.Tasks.Exclude,
        CacheFolder = settings.Tasks.CacheFolder ?? Path.Combine(
            Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache
                ? cache
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
            "orca", "sources"),
    };

    /// <summary>Which questions are given, as the settings describe it.</summary>
    public static SamplerOptions SamplingOf(OrcaSettings settings) => new()
    {
        Seed = settings.Run.Seed,
        IsLeftOut = new HeldOutSplit(settings.Tasks.HeldOutOneIn).IsHeldOut,
        Quotas = settings.Tasks.Quotas.ToImmutableSortedDictionary(
            quota => quota.Key, quota => (long)Math.Round(quota.Value * settings.Tasks.QuotaScale)),
    };

    // Apart, so that their code, and with it libtorch, is not loaded where there is no student.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int LongestLesson(Student student, TrainingSettings settings) =>
        settings.RowLength(student.Config.MaxPositions, Latest?.Recipe);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private LessonMaker LessonsOf(Student student, OrcaSettings settings) => new(
        new TemplateLessonEncoder(student.Template, student.Tokenizer), LongestLesson(student, settings.Training),
        settings.Curriculum.TeachReasoning);

    /// <summary>The system messages of the settings.</summary>
    public static SystemMessages MessagesOf(OrcaSettings settings) => new(
        settings.Tasks.SystemMessagesFile is { } file ? SystemMessageFile.Read(file) : SystemMessages.BuiltIn, settings.Run.Seed);
}
