using Orca.Streams.Curricula.Lessons;

namespace Orca.Training;

/// <summary>What is trained, from where, and where its products go.</summary>
public sealed record TrainingRun
{
    /// <summary>The student.</summary>
    public required Student Student { get; init; }

    /// <summary>
    /// Folder of the run's checkpoints; created where it is missing. A run goes on from the latest one it holds
    /// that is whole; of damaged ones <see cref="Checkpoints.LatestCheckpoint.Read"/> tells. Null: nothing is
    /// published and the run starts anew.
    /// </summary>
    public string? CheckpointRoot { get; init; }

    /// <summary>File that a line of JSON is appended to for every step; null: none.</summary>
    public string? MetricsFile { get; init; }

    /// <summary>Gives the curriculum's state to be kept in a checkpoint; null: there is none. Called on the trainer's thread.</summary>
    public CurriculumSource? Curriculum { get; init; }

    /// <summary>
    /// Who is told of every step and decides of it; null: nobody commands. Called on the trainer's thread; it must be told of a rollback
    /// before <see cref="Curriculum"/> is asked again.
    /// </summary>
    public ITrainerLink? Link { get; init; }
}

/// <summary>The curriculum's state as it was when exactly so many lessons had been taken out of its channel.</summary>
/// <param name="lessonsTaken">
/// Lessons taken since the run's very first start, those before a restart included; a refused one counts.
/// </param>
public delegate CurriculumSnapshot CurriculumSource(long lessonsTaken);

/// <summary>The curriculum's state as a checkpoint keeps it.</summary>
/// <param name="State">Its own bytes, given back by <see cref="Checkpoints.LatestCheckpoint"/>.</param>
/// <param name="Revision">Its revision, named in the checkpoint's manifest.</param>
public sealed record CurriculumSnapshot(byte[] State, long Revision);
