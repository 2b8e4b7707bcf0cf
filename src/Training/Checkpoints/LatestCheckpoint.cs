using Orca.Model.Checkpoints;

namespace Orca.Training.Checkpoints;

/// <summary>What a run goes on with, for those who must know it before the trainer starts.</summary>
/// <param name="Folder">The checkpoint's folder.</param>
/// <param name="Student">The student it holds; the trainer goes on with this one.</param>
/// <param name="State">The run's counters.</param>
/// <param name="Curriculum">The curriculum's bytes as they were given for it; null where none were.</param>
/// <param name="Recipe">What it was trained by; null where it does not say.</param>
public sealed record LatestCheckpoint(string Folder, Student Student, TrainerState State, byte[]? Curriculum, TrainingRecipe? Recipe)
{
    /// <summary>Reads a run's latest checkpoint that is whole; damaged ones that are newer are set aside.</summary>
    /// <param name="checkpointRoot">Folder of the run's checkpoints.</param>
    /// <param name="passedOver">Told in a sentence of each that is damaged.</param>
    /// <returns>Null where the run has none yet.</returns>
    /// <exception cref="TrainingException">It holds no trainer's state.</exception>
    /// <exception cref="Orca.Model.ModelFormatException">All are damaged.</exception>
    public static LatestCheckpoint? Read(string checkpointRoot, Action<string>? passedOver = null)
    {
        using var checkpoint = LastGoodCheckpoint.Open(checkpointRoot, passedOver);
        if (checkpoint is null)
        {
            return null;
        }

        var folder = TrainerFolder.Folder(checkpoint);
        var curriculum = Path.Combine(folder, TrainerFolder.CurriculumName);
        return new LatestCheckpoint(
            checkpoint.Folder,
            Student.Of(checkpoint),
            TrainerFolder.ReadState(folder),
            File.Exists(curriculum) ? File.ReadAllBytes(curriculum) : null,
            TrainerFolder.ReadRecipe(folder));
    }
}
