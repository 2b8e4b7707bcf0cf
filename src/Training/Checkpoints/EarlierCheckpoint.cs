using Orca.Model;
using Orca.Model.Checkpoints;

namespace Orca.Training.Checkpoints;

/// <summary>
/// A checkpoint that a run can go back to: whole, of the run's own recipe, and with all that goes back with the weights. It is kept until
/// this is disposed.
/// </summary>
internal sealed class EarlierCheckpoint : IDisposable
{
    private readonly Checkpoint checkpoint;
    private readonly SavedRun saved;
    private readonly IDisposable holding;

    private EarlierCheckpoint(Checkpoint checkpoint, SavedRun saved, byte[] curriculum, IDisposable holding) =>
        (this.checkpoint, this.saved, Curriculum, this.holding) = (checkpoint, saved, curriculum, holding);

    /// <summary>Its folder.</summary>
    public string Folder => checkpoint.Folder;

    /// <summary>The curriculum's bytes in it.</summary>
    public ReadOnlyMemory<byte> Curriculum { get; }

    /// <summary>Opens one, and looks at all of it; nothing changes.</summary>
    /// <param name="root">The run's checkpoints.</param>
    /// <param name="name">Name of its folder.</param>
    /// <param name="student">The run's student.</param>
    /// <param name="learner">Who is to go back.</param>
    /// <param name="options">How the run is trained.</param>
    /// <param name="now">The run's counters.</param>
    /// <param name="holding">Keeps the folder; disposed with what this gives.</param>
    /// <exception cref="TrainingException">It is none of this run's checkpoints, or not to be gone back to.</exception>
    /// <exception cref="ModelFormatException">It is damaged.</exception>
    public static EarlierCheckpoint Open(
        string root, string name, Student student, Learner learner, TrainerOptions options, TrainerState now, IDisposable holding)
    {
        if (!new CheckpointRoot(root).List().Select(Path.GetFileName).Contains(name))
        {
            throw new TrainingException("there is no such checkpoint.");
        }

        var checkpoint = Checkpoint.Open(Path.Combine(root, name));
        try
        {
            var folder = TrainerFolder.Folder(checkpoint);
            var saved = TrainerFolder.Check(checkpoint, student, learner, options);
            RequireSame(saved, options, now);
            return new EarlierCheckpoint(checkpoint, saved, CurriculumIn(folder), holding);
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>Brings the learner to its weights and moments.</summary>
    /// <returns>What goes back beside the learner.</returns>
    public SavedRun Load(Learner learner) => TrainerFolder.Load(checkpoint, saved, learner, isOtherOptimizer: false);

    /// <inheritdoc/>
    public void Dispose()
    {
        checkpoint.Dispose();
        holding.Dispose();
    }

    private static void RequireSame(SavedRun saved, TrainerOptions options, TrainerState now)
    {
        if (saved.Recipe is { } recipe && recipe.Optimizer != options.Optimizer)
        {
            throw new TrainingException(
                $"it was moved by {recipe.Optimizer}, and its moments mean nothing to {options.Optimizer}, which moves the student now.");
        }

        if ((saved.State.Base?.Digest, saved.State.Base?.Seed) != (now.Base?.Digest, now.Base?.Seed))
        {
            throw new TrainingException("its adapters stand beside other weights than the run's.");
        }
    }

    private static byte[] CurriculumIn(string folder)
    {
        var path = Path.Combine(folder, TrainerFolder.CurriculumName);
        return File.Exists(path)
            ? File.ReadAllBytes(path)
            : throw new TrainingException("it does not say how far the lessons had come, so they could not go back with the student.");
    }
}
