using System.Collections.Immutable;
using Orca.Cli.Display;
using Spectre.Console;

namespace Orca.Cli.Tests.Display;

public sealed class DisplayTests
{
    private static readonly RunSnapshot Sample = new()
    {
        Elapsed = TimeSpan.FromSeconds(75),
        Phase = "running",
        Stage = "expert",
        TasksPerSecond = 41.6,
        Kept = 1200,
        Rejected = ImmutableSortedDictionary<string, long>.Empty.Add("gold", 40).Add("length", 2),
        Queued = 30,
        QueueCapacity = 256,
        Step = 120,
        MaxSteps = 200,
        Loss = 1.23456,
        Losses = [3, 2, 1],
        TokensPerSecond = 9000,
        ShareOfProduct = 0.31,
        Waiting = 0.02,
        MemoryBytes = 1_234_000_000,
        Published = "step-00000100",
        Served = "2 (step-00000100)",
        HeldOut = 0.42,
        HeldOuts = [0.1, 0.42],
    };

    [Theory]
    [InlineData(75, "00:01:15")]
    [InlineData(90_000, "25:00:00")]
    [InlineData(1_000_000, "277:46:40")]
    public void The_clock_of_a_run_goes_on_after_a_day(int seconds, string text) =>
        Assert.Equal(text, Durations.Clock(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void The_plain_line_names_everything_and_has_no_escape_codes()
    {
        var line = SnapshotLine.Write(Sample);
        Assert.Equal(
            "00:01:15  running  stage expert  42 tasks/s  kept 1200, rejected 42 (gold 40, length 2)  queue 30/256  step 120/200  loss "
                + "1.235  9000 tokens/s  at 31 % of the best product  waiting 2 %  "
            + "published step-00000100  served 2 (step-00000100)  held-out 42 %",
            line);
    }

    [Fact]
    public void The_plain_line_is_one_whatever_the_names()
    {
        var line = SnapshotLine.Write(Sample with { Stage = "a\nb\e[2J", Published = "c\rd" });
        Assert.Contains("stage a b\uFFFD[2J", line);
        Assert.Contains("published c d", line);
        Assert.All(line, character => Assert.False(char.IsControl(character)));
    }

    [Fact]
    public void The_panel_shows_the_same_facts()
    {
        var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 120;
        console.Write(LivePanel.Draw(Sample, console, null));
        foreach (var fact in new[] { "expert", "gold 40", "120/200", "1.235", "31 % of the best product", "waiting 2 %", "memory 1.2 GB", "2 (step-00000100)", "42 %" })
        {
            Assert.Contains(fact, text.ToString());
        }
    }

    [Fact]
    public void A_sparkline_rises_with_its_numbers_and_fits_its_columns()
    {
        Assert.Equal("▁▅█", Sparkline.Draw([0, 0.5, 1], 10));
        Assert.Equal(20, Sparkline.Draw([.. Enumerable.Range(0, 1000).Select(i => (double)i)], 20).Length);
        Assert.Equal("", Sparkline.Draw([], 10));
        Assert.Equal("▁▁", Sparkline.Draw([2, 2], 10));
        Assert.Equal("", Sparkline.Draw([1, 2], 0));
        Assert.Equal("_=#", Sparkline.Draw([0, 0.5, 1], 10, unicode: false));
    }
}
