namespace Orca.Serving.Hosting;

/// <summary>A server that cannot start; the message is one sentence that says why and what to do.</summary>
public sealed class ServingException(string message, Exception? inner = null) : Exception(message, inner);
