namespace Orca.Model.Checkpoints;

/// <summary>
/// A checkpoint could not be written or published: disk full, no permission, or published before. Nothing half-written
/// bears a checkpoint's name. The message is one sentence.
/// </summary>
public sealed class CheckpointException(string message, Exception? inner = null) : Exception(message, inner);
