namespace Orca.Cli.Data;

/// <summary>A transfer stopped for a reason that may pass; the message is what happened, as the end of a sentence.</summary>
/// <param name="message">Such as <c>the server answered 503</c>.</param>
/// <param name="pause">How long the server asks to wait; null where it does not say.</param>
/// <param name="inner">What was thrown.</param>
internal sealed class TransferException(string message, TimeSpan? pause = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>How long the server asks to wait; null where it does not say.</summary>
    public TimeSpan? Pause { get; } = pause;
}
