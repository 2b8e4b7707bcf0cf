using Microsoft.Extensions.Hosting;

namespace Orca.Serving.Security;

/// <summary>
/// Looks at files again and again while a server runs. Where they have become unusable, what was read from them last stays in
/// force, and that is told once.
/// </summary>
internal abstract class FileWatch(TimeProvider clock) : BackgroundService
{
    /// <summary>Time between two looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private string? fault;

    /// <summary>Takes over what the files hold now, or throws; tells where that is something new.</summary>
    protected abstract void Look();

    /// <summary>Tells that they are unusable, and why.</summary>
    protected abstract void TellKept(string reason);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            TryLook();
        }
    }

    private void TryLook()
    {
        try
        {
            Look();
            fault = null;
        }
        catch (Exception unusable)
        {
            if (unusable.Message != fault)
            {
                fault = unusable.Message;
                TellKept(fault);
            }
        }
    }
}
