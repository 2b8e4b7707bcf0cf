namespace Orca.Streams.Storage;

/// <summary>
/// The trace store cannot be opened, read or written; the message names the file and the remedy. What was acknowledged is kept.
/// </summary>
public sealed class TraceStoreException(string message, Exception? inner = null) : Exception(message, inner);
