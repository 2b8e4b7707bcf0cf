namespace Orca.Training;

/// <summary>How a run ended.</summary>
/// <param name="Steps">Steps made since its very first start.</param>
/// <param name="End">Why it ended.</param>
/// <param name="LastCheckpoint">Folder of its newest checkpoint; null where none was published.</param>
/// <param name="PublishFault">Why the last attempt to publish failed, one sentence; null where it did not.</param>
public sealed record TrainingSummary(long Steps, TrainingEnd End, string? LastCheckpoint, string? PublishFault);

/// <summary>Why a run ended.</summary>
public enum TrainingEnd
{
    /// <summary>It made all its steps.</summary>
    MaxSteps,

    /// <summary>Its time was up.</summary>
    MaxDuration,

    /// <summary>The lessons came to their end, and all were learned.</summary>
    LessonsEnded,

    /// <summary>The caller cancelled it.</summary>
    Cancelled,
}

/// <summary>An order to take the student back to a checkpoint, and what became of it.</summary>
/// <param name="Step">The number that the student has from here on; where it was refused, that of the step that is made instead.</param>
/// <param name="Checkpoint">Name of the checkpoint's folder.</param>
/// <param name="Fault">Why it was refused, a sentence; null where the student is the checkpoint's now.</param>
public sealed record Rollback(long Step, string Checkpoint, string? Fault);

/// <summary>An attempt to publish a checkpoint.</summary>
/// <param name="Step">The step it holds.</param>
/// <param name="Folder">Where it lies; null where the attempt failed: then training goes on, and the next occasion tries again.</param>
/// <param name="Fault">
/// What went wrong, one sentence; null where nothing did. Together with a folder: an old checkpoint could not be deleted.
/// </param>
/// <param name="Elapsed">Time from its step until it was published.</param>
/// <param name="Held">How much of that training stood still.</param>
public sealed record Publication(long Step, string? Folder, string? Fault, TimeSpan Elapsed, TimeSpan Held);
