using Orca.Cli.Configuration;
using Orca.Model.Embedded;
using Orca.Training;
using Orca.Training.Checkpoints;

namespace Orca.Cli.Daemon;

/// <summary>Which student a run trains: the one of its latest checkpoint, else the folder of the settings, else the embedded one.</summary>
internal static class StudentChoice
{
    /// <summary>The student, and the checkpoint the run goes on from; null for a run that begins.</summary>
    /// <exception cref="Orca.Model.ModelFormatException">The checkpoint or the folder is damaged.</exception>
    public static (Student Student, LatestCheckpoint? Latest) Make(RunFolder folder, StudentSettings settings)
    {
        if (Directory.Exists(folder.Checkpoints) && LatestCheckpoint.Read(folder.Checkpoints) is { } latest)
        {
            return (latest.Student, latest);
        }

        return (settings.Folder is { } path ? Student.Open(path) : Embedded, null);
    }

    private static Student Embedded => new()
    {
        Config = EmbeddedStudent.Config,
        Tokenizer = EmbeddedStudent.Tokenizer,
        Template = EmbeddedStudent.Template,
    };
}
