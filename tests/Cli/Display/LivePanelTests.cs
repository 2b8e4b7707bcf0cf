using System.Collections.Immutable;
using Orca.Cli.Display;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Orca.Cli.Tests.Display;

public sealed class LivePanelTests
{
    // After eleven days.
    private static readonly RunSnapshot Long = new()
    {
        Elapsed = TimeSpan.FromSeconds(1_000_000),
        Phase = "running",
        Stage = "expert",
        TasksPerSecond = 12_345,
        Kept = 1_234_567_890,
        Rejected = ImmutableSortedDictionary<string, long>.Empty.Add("gold-answer", 40_000_000).Add("near-duplicate", 2_000_000_000),
        Queued = 30,
        QueueCapacity = 256,
        Step = 12_000_000,
        Loss = 1.23456,
        Losses = [.. Enumerable.Range(0, 500).Select(i => 1.0 / (i + 1))],
        TokensPerSecond = 1_000_000_000,
        ShareOfProduct = 0.31,
        Waiting = 0.02,
        MemoryBytes = 123_400_000_000,
        LearningRate = 1e-5,
        Published = "step-12000000",
        Served = "123456 (step-12000000)",
        HeldOut = 0.42,
        HeldOuts = [0.1, 0.42],
        Faults = 1_000_000,
    };

    [Fact]
    public void Great_numbers_are_grouped_alike_and_every_row_ends_with_the_frame()
    {
        var rows = Rows(Long, 100, 30);
        Assert.Contains("277:46:40  running", rows[1]);
        Assert.Contains("12,345/s   kept 1,234,567,890   rejected 2,040,000,000 (gold-answer 40,000,000,", rows[3]);
        Assert.Contains(rows, row => row.Contains("1,000,000,000 tokens/s", StringComparison.Ordinal));
        Assert.All(rows[1..^1], row => Assert.Equal((100, '│', '│'), (row.GetCellWidth(), row[0], row[^1])));
    }

    [Fact]
    public void It_fits_every_terminal()
    {
        foreach (var width in Enumerable.Range(1, 45).Concat([60, 80, 100, 130]))
        {
            foreach (var height in new[] { 1, 2, 3, 5, 8, 10, 13, 30 })
            {
                var rows = Rows(Long, width, height);
                Assert.InRange(rows.Length, 1, height);
                Assert.All(rows, row => Assert.InRange(row.GetCellWidth(), 0, width));
            }
        }
    }

    [Theory]
    [InlineData(20)]
    [InlineData(30)]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(80)]
    public void The_bars_stay_in_the_row_of_their_number(int width)
    {
        var row = Assert.Single(Rows(Long, width, 60), row => row.Contains("1.235", StringComparison.Ordinal));
        Assert.Equal(width >= 30, row.Contains('█', StringComparison.Ordinal));
        Assert.DoesNotContain(Rows(Long, width, 60), other => other != row && other.Contains("▁▁", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_few_rows_those_that_matter_most_remain()
    {
        Assert.Equal(
            ["time      277:46:40  running", "tasks     12,345/s   kept 1,234,567,890 ", "training  step 12000000   1,000,000,000 "],
            Rows(Long, 40, 4).Select(row => row).Where(row => !row.StartsWith("loss", StringComparison.Ordinal)));
        Assert.Equal(["time      277:46:40  running"], Rows(Long, 80, 1));
    }

    [Fact]
    public void Names_cannot_break_it()
    {
        var run = Long with { Stage = "数学の問題\e[2J\nof\ta \u009bstage", Served = new string('数', 200) };
        var screen = new Screen(60, 40);
        var console = screen.Console();
        console.Write(LivePanel.Draw(run, console, 40));
        Assert.Contains("│ stage       数学の問題\uFFFD[2J of a \uFFFDstage", string.Join('\n', screen.All));
        Assert.All(screen.All[..^1], row => Assert.Equal(60, row.GetCellWidth()));
    }

    [Fact]
    public void A_terminal_without_Unicode_has_a_frame_and_bars_of_ASCII()
    {
        var console = new Screen(80, 40).Console();
        console.Profile.Capabilities.Unicode = false;
        Assert.All(Rows(Long, console, 30), row => Assert.All(row, character => Assert.InRange(character, ' ', '~')));
    }

    [Fact]
    public void Without_colours_it_has_no_escape_codes()
    {
        var console = new Screen(80, 40).Console();
        Assert.DoesNotContain('\e', console.ToAnsi(LivePanel.Draw(Long, console, null)));
    }

    private static string[] Rows(RunSnapshot run, int width, int height) => Rows(run, new Screen(width, height).Console(), height);

    private static string[] Rows(RunSnapshot run, IAnsiConsole console, int height) =>
    [
        .. Segment.SplitLines(LivePanel.Draw(run, console, height).GetSegments(console))
            .Select(line => string.Concat(line.Select(segment => segment.Text))),
    ];
}
