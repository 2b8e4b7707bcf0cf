namespace Orca.Cli.Daemon;

/// <summary>A server has broken, so the process that was to serve ends; the message is one sentence.</summary>
internal sealed class ServerStoppedException(string message, Exception inner) : Exception(message, inner);
