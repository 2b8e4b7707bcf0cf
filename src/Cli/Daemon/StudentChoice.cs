using System.Globalization;
using Orca.Cli.Commands;
using Orca.Cli.Configuration;
using Orca.Model.Embedded;
using Orca.Model.Network;
using Orca.Training;
using Orca.Training.Checkpoints;

namespace Orca.Cli.Daemon;

/// <summary>Which student a run trains: the one of its latest checkpoint, else the folder of the settings, else the embedded one.</summary>
internal static class StudentChoice
{
    /// <summary>The student, and the checkpoint the run goes on from; null for a run that begins.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="settings">The student that the settings name.</param>
    /// <param name="passedOver">Told in a sentence of damaged checkpoints; null: nobody is.</param>
    /// <exception cref="Orca.Model.ModelFormatException">The checkpoint or the folder is damaged.</exception>
    /// <exception cref="CommandException">The settings name a student of another shape than the one that the run has trained.</exception>
    public static (Student Student, LatestCheckpoint? Latest) Make(
        RunFolder folder, StudentSettings settings, Action<string>? passedOver = null)
    {
        if (Directory.Exists(folder.Checkpoints) && LatestCheckpoint.Read(folder.Checkpoints, passedOver) is { } latest)
        {
            return (Checked(folder, latest, settings.Folder), latest);
        }

        return (settings.Folder is { } path ? Student.Open(path) : Embedded, null);
    }

    // The command that began a run goes on with it; only another student would be meant otherwise, and be left out in silence. Adapters
    // stand beside the first weights, wherever these lie now.
    private static Student Checked(RunFolder run, LatestCheckpoint latest, string? path)
    {
        if (path is null || !Path.Exists(path))
        {
            return latest.Student;
        }

        var (trained, named) = (latest.Student, Student.Open(path));
        if (!ShapesOf(named).SequenceEqual(ShapesOf(trained)))
        {
            throw new CommandException(string.Create(
                CultureInfo.InvariantCulture,
                $"The run in '{run.Path}' trains another student ({trained.Config.ParameterCount / 1e6:F1} M parameters) than '{path}' "
                    + $"({named.Config.ParameterCount / 1e6:F1} M); leave that away to go on, or give the other a folder with --run."));
        }

        if (latest.State.Origin is { } origin && named.Origin != origin)
        {
            throw new CommandException(
                $"The run in '{run.Path}' began with other weights than those of '{path}', though of the same shape; leave that away to go "
                    + "on, or give the other a folder with --run.");
        }

        return trained with { WeightsFolder = path, Origin = named.Origin };
    }

    private static IEnumerable<string> ShapesOf(Student student) =>
        LlamaParameters.ShapesOf(student.Config).Select(shape => $"{shape.Name} {string.Join(',', shape.Shape)}");

    private static Student Embedded => new()
    {
        Config = EmbeddedStudent.Config,
        Tokenizer = EmbeddedStudent.Tokenizer,
        Template = EmbeddedStudent.Template,
        Origin = "embedded",
    };
}
