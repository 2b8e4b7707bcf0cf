using Microsoft.Extensions.Logging;

namespace Orca.Serving.Security;

/// <summary>
/// Has keys open and cease to open a running server as their file changes. Calls that a removed key began go on to their end.
/// </summary>
internal sealed partial class KeyWatch(KeysOfFile keys, TimeProvider clock, ILogger<KeyWatch> logger) : FileWatch(clock)
{
    protected override void Look()
    {
        if (keys.Refresh())
        {
            KeysChanged(logger, keys.Ring.Count);
        }
    }

    protected override void TellKept(string reason) => KeysKept(logger, reason);

    [LoggerMessage(40, LogLevel.Information, "The key file has changed; {Count} keys open this server now")]
    private static partial void KeysChanged(ILogger logger, int count);

    [LoggerMessage(41, LogLevel.Warning, "The keys that open this server stay as they were: {Reason}")]
    private static partial void KeysKept(ILogger logger, string reason);
}
