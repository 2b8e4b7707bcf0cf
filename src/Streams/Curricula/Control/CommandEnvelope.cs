namespace Orca.Streams.Curricula.Control;

/// <summary>A command as a caller sends it.</summary>
/// <param name="Id">
/// The caller's name of it, 1 to <see cref="MaxId"/> characters. Sent again under the same one, on whatever way and also after a restart,
/// it acts once and is answered with the first one's receipt.
/// </param>
/// <param name="Command">What to do.</param>
/// <param name="ExpectedRevision">
/// Revision that the caller knows; the command is refused where another one has come between. Null: whatever it is.
/// </param>
public sealed record CommandEnvelope(string Id, CurriculumCommand Command, long? ExpectedRevision = null)
{
    /// <summary>Characters that an id may have.</summary>
    public const int MaxId = 128;

    /// <summary>What is wrong with the envelope itself; null where nothing is.</summary>
    internal string? Fault => Id.Length is 0 or > MaxId
        ? $"The command's id has {Id.Length} characters; give 1 to {MaxId}."
        : null;
}
