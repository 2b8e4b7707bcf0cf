using Google.Protobuf;
using Orca.Cli.Display;
using Orca.Protocol.Curriculum.V1;
using Spectre.Console;

namespace Orca.Cli.Tuning;

/// <summary>Shows a watched run: a live chart on an interactive terminal, a line an event elsewhere, or JSON.</summary>
/// <param name="console">The terminal.</param>
/// <param name="output">Takes lines.</param>
/// <param name="isJson">Whether each event is one JSON object.</param>
/// <param name="clock">Paces the chart.</param>
internal sealed class WatchDisplay(IAnsiConsole console, TextWriter output, bool isJson, TimeProvider clock)
{
    private static readonly TimeSpan LivePeriod = TimeSpan.FromMilliseconds(500);

    private readonly bool _isLive = !isJson && console.Profile.Capabilities.Interactive && !Console.IsOutputRedirected;
    private readonly WatchedRun _run = new();
    private readonly Lock _gate = new();

    /// <summary>Shows that the connection was cut, or is there again.</summary>
    public void Say(string text)
    {
        if (_isLive)
        {
            lock (_gate)
            {
                _run.Note = text;
            }
        }
        else
        {
            Console.Error.WriteLine(text);
        }
    }

    /// <summary>Shows events until there are no more.</summary>
    public Task RunAsync(IAsyncEnumerable<WatchResponse> events) => _isLive ? LiveAsync(events) : LinesAsync(events);

    private async Task LinesAsync(IAsyncEnumerable<WatchResponse> events)
    {
        await foreach (var happened in events)
        {
            if (isJson)
            {
                output.WriteLine(JsonFormatter.Default.Format(happened));
                output.Flush();
            }
            else if (EventText.Line(happened, clock.LocalTimeZone) is { } line)
            {
                output.WriteLine(line);
                output.Flush();
            }
        }
    }

    private Task LiveAsync(IAsyncEnumerable<WatchResponse> events) => console.Live(Panel()).AutoClear(false).StartAsync(async context =>
    {
        var reading = ReadAsync(events);
        while (!reading.IsCompleted)
        {
            await Task.WhenAny(reading, Task.Delay(LivePeriod, clock));
            context.UpdateTarget(Panel());
            context.Refresh();
        }

        await reading;
    });

    private async Task ReadAsync(IAsyncEnumerable<WatchResponse> events)
    {
        await foreach (var happened in events)
        {
            lock (_gate)
            {
                _run.Add(happened);
            }
        }
    }

    private Spectre.Console.Rendering.IRenderable Panel()
    {
        lock (_gate)
        {
            return WatchPanel.Draw(_run, console.Profile.Width, console.Profile.Height - 1, clock.LocalTimeZone);
        }
    }
}
