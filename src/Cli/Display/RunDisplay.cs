using Orca.Cli.Configuration;
using Spectre.Console;

namespace Orca.Cli.Display;

/// <summary>Shows a run while it goes on: a live panel on an interactive terminal, plain lines elsewhere.</summary>
/// <param name="settings">How often, and whether live.</param>
/// <param name="console">The terminal.</param>
/// <param name="snapshot">Gives the run as it stands; called on the display's own thread.</param>
/// <param name="clock">Paces it.</param>
internal sealed class RunDisplay(DisplaySettings settings, IAnsiConsole console, Func<RunSnapshot> snapshot, TimeProvider clock)
{
    private static readonly TimeSpan LivePeriod = TimeSpan.FromMilliseconds(500);

    private readonly bool _live = settings.Live && console.Profile.Capabilities.Interactive;
    private readonly Lock _writing = new();

    /// <summary>Shows the run until it is told to stop, and then once more.</summary>
    public Task RunAsync(CancellationToken stop) => _live ? LiveAsync(stop) : LinesAsync(stop);

    /// <summary>Prints a line for good, above the panel where there is one.</summary>
    public void Say(string text)
    {
        text = TerminalText.Harmless(text);
        lock (_writing)
        {
            if (_live)
            {
                // The line takes the place of the panel's first one, which is as wide as the terminal.
                console.WriteLine(string.Join('\n', text.Split('\n').Select(line => line.PadRight(console.Profile.Width - 1))));
                return;
            }

            // Not through the console, which would break lines at 80 columns where there is no terminal.
            console.Profile.Out.Writer.WriteLine(text);
            console.Profile.Out.Writer.Flush();
        }
    }

    private Task LiveAsync(CancellationToken stop) => console.Live(LivePanel.Draw(snapshot())).AutoClear(false).StartAsync(async context =>
    {
        using var timer = new PeriodicTimer(LivePeriod, clock);
        while (await TickAsync(timer, stop))
        {
            Update(context);
        }

        Update(context);
    });

    private void Update(LiveDisplayContext context)
    {
        var panel = LivePanel.Draw(snapshot());
        lock (_writing)
        {
            context.UpdateTarget(panel);
            context.Refresh();
        }
    }

    private async Task LinesAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(settings.EverySeconds), clock);
        while (await TickAsync(timer, stop))
        {
            Say(SnapshotLine.Write(snapshot()));
        }

        Say(SnapshotLine.Write(snapshot()));
    }

    private static async Task<bool> TickAsync(PeriodicTimer timer, CancellationToken stop)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stop);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
