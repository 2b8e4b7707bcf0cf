using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orca.Serving.Hosting;

namespace Orca.Serving.Security;

/// <summary>
/// Looks at the file of keys again and again, so that keys open and cease to open a running server. Calls that a removed key
/// began go on to their end.
/// </summary>
internal sealed partial class KeyWatch(KeysOfFile keys, TimeProvider clock, ILogger<KeyWatch> logger) : BackgroundService
{
    /// <summary>Time between two looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private string? fault;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Look();
        }
    }

    private void Look()
    {
        try
        {
            if (keys.Refresh())
            {
                KeysChanged(logger, keys.Ring.Count);
            }

            fault = null;
        }
        catch (ServingException unusable) when (unusable.Message != fault)
        {
            fault = unusable.Message;
            KeysKept(logger, fault);
        }
        catch (ServingException)
        {
            // Told before, and no better.
        }
    }

    [LoggerMessage(40, LogLevel.Information, "The key file has changed; {Count} keys open this server now")]
    private static partial void KeysChanged(ILogger logger, int count);

    [LoggerMessage(41, LogLevel.Warning, "The keys that open this server stay as they were: {Reason}")]
    private static partial void KeysKept(ILogger logger, string reason);
}
