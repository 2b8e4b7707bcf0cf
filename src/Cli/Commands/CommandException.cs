namespace Orca.Cli.Commands;

/// <summary>
/// A command cannot do what it was asked; the message is one sentence that names the thing, the expectation and the remedy.
/// </summary>
internal sealed class CommandException(string message, Exception? inner = null) : Exception(message, inner);
