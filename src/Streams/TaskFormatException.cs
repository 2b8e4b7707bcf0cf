namespace Orca.Streams;

/// <summary>
/// Tasks, or a setting that names them, cannot be used at all; the message names the thing, what was expected and the remedy.
/// </summary>
/// <remarks>A single malformed record is no such failure: it is reported as a <see cref="Tasks.SourceFault"/> and skipped.</remarks>
public sealed class TaskFormatException(string message, Exception? inner = null) : Exception(message, inner);
