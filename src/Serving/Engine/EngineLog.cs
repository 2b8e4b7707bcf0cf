using Microsoft.Extensions.Logging;

namespace Orca.Serving.Engine;

internal static partial class EngineLog
{
    [LoggerMessage(
        1, LogLevel.Information, "Version {Version} answers from now on; {Slots} requests of up to {ContextTokens} tokens at once")]
    public static partial void VersionActive(ILogger logger, long version, int slots, int contextTokens);

    [LoggerMessage(2, LogLevel.Information, "Version {Version} is unloaded: its last request has ended")]
    public static partial void VersionRetired(ILogger logger, long version);

    [LoggerMessage(3, LogLevel.Error, "A step of {Rows} requests on version {Version} failed; they end with an error, the engine goes on")]
    public static partial void StepFailed(ILogger logger, Exception error, int rows, long version);

    [LoggerMessage(4, LogLevel.Critical, "The engine stops: its state is broken")]
    public static partial void EngineBroken(ILogger logger, Exception error);

    [LoggerMessage(5, LogLevel.Debug, "Request {RequestId} waits; {Waiting} are waiting")]
    public static partial void RequestQueued(ILogger logger, string requestId, int waiting);

    [LoggerMessage(6, LogLevel.Debug, "Request {RequestId} has ended")]
    public static partial void RequestEnded(ILogger logger, string requestId);
}
