using Orca.Model.Checkpoints;
using Orca.Model.Network;

namespace Orca.Training.Adapters;

/// <summary>
/// Where the frozen weights of a run with adapters come from. A start that goes on takes them from there again: what is published has the
/// adapters merged in, and gives them back only nearly.
/// </summary>
/// <param name="Folder">The model folder; null: fresh weights.</param>
/// <param name="Digest">Its <see cref="StudentOrigin"/>; null: fresh weights.</param>
/// <param name="Seed">The seed of fresh weights.</param>
public sealed record AdapterBase(string? Folder, string? Digest, long Seed)
{
    /// <summary>That of a run that begins; null where it has no adapters.</summary>
    internal static AdapterBase? Of(TrainerOptions options, Student student)
    {
        if (!options.Lora.IsOn)
        {
            return null;
        }

        if (student.WeightsFolder is not { } folder)
        {
            return new AdapterBase(null, null, options.Seed);
        }

        using var checkpoint = Checkpoint.Open(folder);
        return new AdapterBase(Path.GetFullPath(folder), StudentOrigin.Of(checkpoint), options.Seed);
    }

    /// <summary>Refuses to go on where the folder is gone or holds other weights.</summary>
    /// <param name="student">The student of this start: its folder is taken where it holds the same weights, as after a move.</param>
    /// <exception cref="TrainingException">It is, or does; the message says what to do.</exception>
    /// <exception cref="Orca.Model.ModelFormatException">The folder is damaged.</exception>
    public void Require(Student student) => Open(student)?.Dispose();

    /// <summary>Loads the frozen weights.</summary>
    /// <param name="student">As for <see cref="Require"/>.</param>
    /// <param name="learner">Whose weights they become.</param>
    internal void Load(Student student, Learner learner)
    {
        using var checkpoint = Open(student);
        if (checkpoint is null)
        {
            LlamaParameters.Initialize(student.Config, Seed, learner.Load);
        }
        else
        {
            learner.Load(checkpoint.Weight);
        }
    }

    // Null for fresh weights.
    private Checkpoint? Open(Student student)
    {
        if (Folder is null)
        {
            return null;
        }

        var folder = student is { WeightsFolder: { } moved, Origin: { } origin } && origin == Digest ? moved : Folder;
        if (!Path.Exists(folder))
        {
            throw new TrainingException(
                $"The run's adapters stand beside the weights of '{folder}', which is not there; put it back, or give the folder where it "
                    + "lies now (--student DIR).");
        }

        var checkpoint = Checkpoint.Open(folder);
        if (StudentOrigin.Of(checkpoint) == Digest)
        {
            return checkpoint;
        }

        checkpoint.Dispose();
        throw new TrainingException(
            $"'{folder}' holds other weights than those beside which the run's adapters were trained; put those back, give the folder "
                + "where they lie (--student DIR), or begin another run.");
    }
}
