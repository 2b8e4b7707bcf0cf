using System.Threading.Channels;
using Orca.Cli.Configuration;
using Spectre.Console;

namespace Orca.Cli.Display;

/// <summary>
/// Shows a run while it goes on: a live panel on an interactive terminal, plain lines elsewhere. Any thread. Nobody but its own reader
/// waits for the output: a pipe that is not read, a terminal that was stopped and a disk that is full cost lines, not training.
/// </summary>
internal sealed class RunDisplay : IAsyncDisposable
{
    private const int MostWaiting = 1_000;
    private static readonly TimeSpan LivePeriod = TimeSpan.FromMilliseconds(500);

    private readonly IAnsiConsole _console;
    private readonly Func<RunSnapshot> _snapshot;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _period;
    private readonly LiveArea? _live;
    private readonly Channel<Action> _waiting = Channel.CreateBounded<Action>(
        new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true, SingleWriter = false });

    private readonly Task _writing;
    private int _pictureWaits;
    private int _lost;

    /// <param name="settings">How often, and whether live.</param>
    /// <param name="console">The terminal.</param>
    /// <param name="snapshot">Gives the run as it stands; called on any thread.</param>
    /// <param name="clock">Paces it.</param>
    public RunDisplay(DisplaySettings settings, IAnsiConsole console, Func<RunSnapshot> snapshot, TimeProvider clock)
    {
        (_console, _snapshot, _clock) = (console, snapshot, clock);
        _live = settings.Live && console.Profile.Capabilities is { Interactive: true, Ansi: true } ? new LiveArea(console) : null;
        _period = _live is null ? TimeSpan.FromSeconds(settings.EverySeconds) : LivePeriod;
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Shows the run until it is told to stop, and then once more.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        if (_live is not null)
        {
            Tick();
        }

        using var timer = new PeriodicTimer(_period, _clock);
        while (await TickAsync(timer, stop))
        {
            Tick();
        }

        // As it stands now, not when somebody reads it.
        var last = _snapshot();
        await _waiting.Writer.WriteAsync(() =>
        {
            Show(last);
            _live?.End();
        });
    }

    /// <summary>Prints a line for good, above the panel where there is one; lost where a thousand wait already.</summary>
    public void Say(string text)
    {
        text = TerminalText.Harmless(text);
        if (!_waiting.Writer.TryWrite(() => Write(text)))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    /// <summary>Waits until all is written that was said.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _writing;
    }

    // A picture that was not drawn yet will show the run as it stands then.
    private void Tick()
    {
        if (Interlocked.Exchange(ref _pictureWaits, 1) == 0 && !_waiting.Writer.TryWrite(Show))
        {
            Volatile.Write(ref _pictureWaits, 0);
        }
    }

    private void Show()
    {
        Volatile.Write(ref _pictureWaits, 0);
        Show(_snapshot());
    }

    private void Show(RunSnapshot run)
    {
        if (_live is null)
        {
            Write(SnapshotLine.Write(run));
        }
        else
        {
            _live.Draw(rows => LivePanel.Draw(run, _console, rows));
        }
    }

    private void Write(string text)
    {
        if (_live is null)
        {
            // Not through the console, which would break lines at 80 columns where there is no terminal.
            _console.Profile.Out.Writer.Write(text + Environment.NewLine);
            _console.Profile.Out.Writer.Flush();
        }
        else
        {
            _live.Say(text);
        }
    }

    private async Task WriteAsync()
    {
        await foreach (var write in _waiting.Reader.ReadAllAsync())
        {
            Try(write);
            if (_waiting.Reader.Count == 0 && Interlocked.Exchange(ref _lost, 0) is > 0 and var lost)
            {
                Try(() => Write($"{lost} more lines were said while nobody read them"));
            }
        }
    }

    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException)
        {
            // A look at training must never be what ends it.
        }
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
