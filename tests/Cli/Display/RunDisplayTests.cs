using Microsoft.Extensions.Time.Testing;
using Orca.Cli.Configuration;
using Orca.Cli.Display;
using Spectre.Console;

namespace Orca.Cli.Tests.Display;

public sealed class RunDisplayTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _clock = new();
    private readonly CancellationTokenSource _stop = new();

    [Fact]
    public async Task A_pipe_has_a_line_now_and_then_without_escape_codes()
    {
        var pipe = new Lines();
        var display = new RunDisplay(new DisplaySettings { EverySeconds = 60 }, ConsoleOf(pipe), Snapshot, _clock);
        display.Say(new string('x', 300));
        var showing = display.RunAsync(_stop.Token);
        await pipe.HasAsync(1);
        _clock.Advance(TimeSpan.FromSeconds(59));
        _clock.Advance(TimeSpan.FromSeconds(1));
        await pipe.HasAsync(2);
        _clock.Advance(TimeSpan.FromSeconds(60));
        await pipe.HasAsync(3);
        await EndAsync(display, showing);

        // Each in one piece, and flushed.
        Assert.Equal([new string('x', 300), "47:01:00  starting", "47:02:00  starting", "47:02:00  starting"], pipe.Written);
        Assert.Equal(4, pipe.Flushed);
    }

    [Fact]
    public async Task A_terminal_that_cannot_draw_in_place_has_lines()
    {
        var pipe = new Lines();
        var console = ConsoleOf(pipe, InteractionSupport.Yes);
        var display = new RunDisplay(new DisplaySettings(), console, Snapshot, _clock);
        await EndAsync(display, display.RunAsync(_stop.Token));
        Assert.Equal(["47:00:00  starting"], pipe.Written);
    }

    [Fact]
    public async Task A_terminal_has_the_panel_with_what_is_said_above_it()
    {
        var screen = new Screen(50, 20);
        var display = new RunDisplay(new DisplaySettings(), screen.Console(), Snapshot, _clock);
        display.Say("before");
        var showing = display.RunAsync(_stop.Token);
        display.Say("meanwhile");
        await EndAsync(display, showing, "after");
        Assert.Equal(["before", "meanwhile"], screen.All[..2]);
        Assert.Equal("┌─orca───────────────────────────────────────────┐", screen.All[2]);
        Assert.Equal(["└────────────────────────────────────────────────┘", "after", ""], screen.All[^3..]);
        Assert.Single(screen.All, row => row.Contains("time", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_reader_that_stops_reading_holds_nobody_up()
    {
        var pipe = new Lines { Reads = new ManualResetEventSlim(false) };
        var display = new RunDisplay(new DisplaySettings { EverySeconds = 1 }, ConsoleOf(pipe), Snapshot, _clock);
        var showing = display.RunAsync(_stop.Token);
        var saying = Task.Run(() =>
        {
            for (var i = 0; i < 1_500; i++)
            {
                display.Say($"line {i}");
                _clock.Advance(TimeSpan.FromSeconds(1));
            }
        });
        await saying.WaitAsync(Patience);
        pipe.Reads.Set();
        await EndAsync(display, showing);
        Assert.Equal("line 0", pipe.Written[0]);
        Assert.InRange(pipe.Written.Count(line => line.StartsWith("line ", StringComparison.Ordinal)), 990, 1_010);
        Assert.Single(pipe.Written, line => line.EndsWith(" more lines were said while nobody read them", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_full_disk_ends_nothing_and_what_comes_after_it_is_written()
    {
        var pipe = new Lines { IsFull = true };
        var display = new RunDisplay(new DisplaySettings(), ConsoleOf(pipe), Snapshot, _clock);
        display.Say("lost");
        await pipe.HasAsync(1);
        pipe.IsFull = false;
        await EndAsync(display, display.RunAsync(_stop.Token));
        Assert.Equal(["", "47:00:00  starting"], pipe.Written);
    }

    private RunSnapshot Snapshot() => new() { Elapsed = TimeSpan.FromHours(47) + (_clock.GetUtcNow() - _clock.Start) };

    private async Task EndAsync(RunDisplay display, Task showing, string? last = null)
    {
        await _stop.CancelAsync();
        await showing.WaitAsync(Patience);
        if (last is not null)
        {
            display.Say(last);
        }

        await display.DisposeAsync().AsTask().WaitAsync(Patience);
    }

    private static IAnsiConsole ConsoleOf(TextWriter writer, InteractionSupport interaction = InteractionSupport.No) =>
        AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            Interactive = interaction,
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
            Out = new AnsiConsoleOutput(writer),
        });

    /// <summary>Keeps every text that is written at once, without its line end.</summary>
    private sealed class Lines : StringWriter
    {
        private readonly Lock _gate = new();
        private readonly List<string> _written = [];

        public ManualResetEventSlim Reads { get; init; } = new(true);

        public bool IsFull { get; set; }

        public int Flushed { get; private set; }

        public string[] Written
        {
            get
            {
                lock (_gate)
                {
                    return [.. _written];
                }
            }
        }

        public async Task HasAsync(int lines)
        {
            for (var wait = 0; Written.Length < lines; wait++)
            {
                Assert.True(wait < 1_000, $"There are {Written.Length} lines.");
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }
        }

        public override void Write(string? value)
        {
            Reads.Wait();
            lock (_gate)
            {
                _written.Add(IsFull ? "" : value!.TrimEnd('\n'));
            }

            if (IsFull)
            {
                throw new IOException("No space left on device", 28);
            }
        }

        public override void Flush() => Flushed++;
    }
}
