using Orca.Model.Checkpoints;

namespace Orca.Training.Checkpoints;

/// <summary>What a run goes on with, for those who must know it before the trainer starts.</summary>
/// <param name="Folder">The checkpoint's folder.</param>
/// <param name="Student">The student it holds; the trainer goes on with this one.</param>
/// <param name="State">The run's counters.</param>
/// <param name="Curriculum">The curriculum's bytes as they were given for it; null where none were.</param>
public sealed record LatestCheckpoint(string Folder, Student Student, TrainerState State, byte[]? Curriculum)
{
    /// <summary>Reads a run's latest checkpoint.</summary>
    /// <returns>Null where the run has none yet.</returns>
    /// <exception cref="TrainingException">It holds no trainer's state.</exception>
    /// <exception cref="Orca.Model.ModelFormatException">It is damaged.</exception>
    public static LatestCheckpoint? Read(string checkpointRoot)
    {
        if (new CheckpointRoot(checkpointRoot).Latest() is not { } latest)
        {
            return null;
        }

        using var checkpoint = Checkpoint.Open(latest);
        var folder = TrainerFolder.Folder(checkpoint);
        var curriculum = Path.Combine(folder, TrainerFolder.CurriculumName);
        return new LatestCheckpoint(
            latest,
            Student.Of(checkpoint),
            TrainerFolder.ReadState(folder),
            File.Exists(curriculum) ? File.ReadAllBytes(curriculum) : null);
    }
}
