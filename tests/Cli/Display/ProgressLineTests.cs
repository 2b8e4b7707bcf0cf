using Microsoft.Extensions.Time.Testing;
using Orca.Cli.Display;

namespace Orca.Cli.Tests.Display;

public sealed class ProgressLineTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly StringWriter _output = new() { NewLine = "\n" };

    [Fact]
    public void Characters_of_two_columns_do_not_make_it_two_rows()
    {
        new ProgressLine(_output, () => 10, _clock).Show("数学の問題と答え");
        Assert.Equal("\r数学の問\e[K", _output.ToString());
    }

    [Fact]
    public void A_name_with_a_line_end_or_an_escape_code_is_one_harmless_line()
    {
        new ProgressLine(_output, null, _clock).Show("a\nb\e[2J");
        Assert.Equal("a b\uFFFD[2J\n", _output.ToString());
    }

    [Fact]
    public void A_terminal_that_becomes_narrower_has_a_shorter_line()
    {
        var columns = 20;
        var line = new ProgressLine(_output, () => columns, _clock);
        line.Show("a line of 18 chars");
        columns = 8;
        line.Show("a line of 18 chars");
        Assert.Equal("\ra line of 18 chars\e[K\ra line \e[K", _output.ToString());
    }

    [Fact]
    public void A_terminal_that_does_not_tell_its_width_is_taken_for_one_of_80_columns()
    {
        new ProgressLine(_output, () => 0, _clock).Show("a line");
        Assert.Equal("\ra line\e[K", _output.ToString());
    }
}
