namespace Orca.Serving.Checkpoints;

/// <summary>Decides whether a version that is loaded may take the place of the one that answers.</summary>
/// <remarks>
/// Asked of every checkpoint of a folder that is followed, once it has passed all checks and can be asked by its number; not of the first
/// version, of one that a caller loads by name, nor of one for which memory has no room beside the other. The version that answers goes on
/// meanwhile; later checkpoints wait, and of them only the newest is loaded.
/// </remarks>
public interface IPromotionGate
{
    /// <summary>Judges a version. What it throws, but a cancellation, rejects the version like any fault.</summary>
    /// <param name="candidate">The version.</param>
    /// <param name="cancellationToken">The server stops.</param>
    /// <returns>Why it must not answer, a sentence; null where it may.</returns>
    Task<string?> ObjectionAsync(PromotionCandidate candidate, CancellationToken cancellationToken);
}

/// <summary>A version that may take over.</summary>
/// <param name="Version">Its number, by which it can be asked.</param>
/// <param name="Checkpoint">Name of its folder.</param>
/// <param name="TrainerStep">The trainer's step it was published at; 0 where it does not say.</param>
/// <param name="Active">Number of the version that answers now.</param>
public sealed record PromotionCandidate(long Version, string Checkpoint, long TrainerStep, long Active);
