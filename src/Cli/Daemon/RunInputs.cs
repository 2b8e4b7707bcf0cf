using System.Collections.Immutable;
using Orca.Cli.Configuration;
using Orca.Streams.Tasks;
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
    /// <summary>Reads everything the settings name.</summary>
    public static RunInputs Open(RunFolder folder, OrcaSettings settings, IProgress<SourceFault> faults)
    {
        var (student, latest) = settings.Run.Has("train") ? StudentChoice.Make(folder, settings.Student) : (null, null);
        return new RunInputs(student, latest, SourcesOf(settings), MessagesOf(settings), faults);
    }

    /// <summary>The sources of the settings.</summary>
    public static ImmutableArray<ITaskSource> SourcesOf(OrcaSettings settings) =>
        [.. settings.Tasks.Sources.Select(source => TaskSpec.Of(source).Open(settings.Run.Seed, settings.Tasks.PerTask))];

    /// <summary>The system messages of the settings.</summary>
    public static SystemMessages MessagesOf(OrcaSettings settings) => new(
        settings.Tasks.SystemMessagesFile is { } file ? SystemMessageFile.Read(file) : SystemMessages.BuiltIn, settings.Run.Seed);
}
