using Microsoft.Extensions.Time.Testing;
using Orca.Cli.Data;
using Orca.Cli.Display;

namespace Orca.Cli.Tests.Data;

public sealed class DownloadDisplayTests
{
    private static readonly Download Set = new(new Uri("https://host/set.jsonl"), "data/set.jsonl", new string('0', 64), null);

    private readonly FakeTimeProvider _clock = new();
    private readonly StringWriter _output = new() { NewLine = "\n" };

    [Fact]
    public void A_terminal_has_one_line_that_is_written_anew()
    {
        var display = new DownloadDisplay(new ProgressLine(_output, () => 80, _clock));
        display.Report(new DownloadStatus(Set, 1_000_000, 5_000_000));
        _clock.Advance(TimeSpan.FromSeconds(1));
        display.Report(new DownloadStatus(Set, 3_000_000, 5_000_000));
        display.Report(new DownloadStatus(Set, 3_100_000, 5_000_000));
        display.Clear();
        Assert.Equal("\rset.jsonl  3.0 MB of 5.0 MB  60 %  2.0 MB/s  1 s left\e[K\r\e[K", _output.ToString());
    }

    [Fact]
    public void A_line_is_no_longer_than_the_terminal_is_wide()
    {
        var display = new DownloadDisplay(new ProgressLine(_output, () => 10, _clock));
        display.Report(new DownloadStatus(Set, 0, null) { Pause = "the server answered 503" });
        Assert.Equal("\rset.jsonl\e[K", _output.ToString());
    }

    [Fact]
    public void Elsewhere_a_line_comes_now_and_then_and_of_each_pause()
    {
        var display = new DownloadDisplay(new ProgressLine(_output, null, _clock));
        for (var second = 0; second < 12; second++)
        {
            display.Report(new DownloadStatus(Set, second * 1_000_000, null));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        display.Report(new DownloadStatus(Set, 12_000_000, null) { Pause = "the server answered 503; trying again in 1 s" });
        display.Clear();
        Assert.Equal(
            "set.jsonl  5.0 MB  1.0 MB/s\nset.jsonl  10.0 MB  1.0 MB/s\nset.jsonl  the server answered 503; trying again in 1 s\n",
            _output.ToString());
    }

    [Fact]
    public void A_file_that_comes_at_once_is_not_worth_a_line()
    {
        var display = new DownloadDisplay(new ProgressLine(_output, null, _clock));
        display.Report(new DownloadStatus(Set, 0, 0));
        display.Clear();
        Assert.Empty(_output.ToString());
    }
}
