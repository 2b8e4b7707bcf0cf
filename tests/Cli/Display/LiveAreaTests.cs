using Orca.Cli.Display;
using Spectre.Console;

namespace Orca.Cli.Tests.Display;

public sealed class LiveAreaTests
{
    [Fact]
    public void A_picture_takes_the_place_of_the_one_before_also_of_a_taller_one()
    {
        var screen = new Screen(20, 10);
        var area = new LiveArea(screen.Console());
        area.Draw(_ => Framed("one\ntwo\nthree"));
        area.Draw(_ => Framed("one"));
        Assert.Equal(["┌──────────────────┐", "│ one              │", "└──────────────────┘", ""], screen.All);
    }

    [Fact]
    public void What_is_said_goes_above_the_picture_and_nothing_of_it_is_left_beside_it()
    {
        var screen = new Screen(20, 10);
        var area = new LiveArea(screen.Console());
        area.Draw(_ => Framed("one\ntwo"));
        area.Say("a warning that is longer than a row");
        area.Say("数学\nshort");
        Assert.Equal(
            [
                "a warning that is lo", "nger than a row", "数学", "short",
                "┌──────────────────┐", "│ one              │", "│ two              │", "└──────────────────┘", "",
            ],
            screen.All);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(11)]
    [InlineData(60)]
    public void Another_width_in_the_middle_loses_nothing_and_leaves_nothing(int width)
    {
        var screen = new Screen(40, 20);
        var area = new LiveArea(screen.Console());
        area.Say("said");
        area.Draw(_ => Framed("one"));
        screen.Resize(width);
        area.Draw(_ => Framed("two"));
        Assert.Equal(["said", $"┌{new string('─', width - 2)}┐", $"│ {"two".PadRight(width - 4)} │"], screen.All[..3]);
        Assert.Equal(5, screen.All.Length);
    }

    // The terminal itself writes it, where the cursor is.
    [Fact]
    public void The_echo_of_Ctrl_C_does_not_move_the_picture()
    {
        var screen = new Screen(20, 10);
        var area = new LiveArea(screen.Console());
        area.Draw(_ => Framed("one"));
        screen.Write("^C");
        area.Draw(_ => Framed("done"));
        Assert.Equal(["┌──────────────────┐", "│ done             │", "└──────────────────┘", ""], screen.All);
    }

    [Fact]
    public void At_its_end_the_picture_stays_whole_however_few_rows_there_are()
    {
        var screen = new Screen(20, 3);
        var area = new LiveArea(screen.Console());
        area.Draw(rows => new Text(rows is null ? "one\ntwo\nthree\nfour" : "one\ntwo"));
        area.End();
        area.Say("after it");
        Assert.Equal(["one", "two", "three", "four", "after it", ""], screen.All);
    }

    [Fact]
    public void A_terminal_of_one_row_has_no_picture_and_every_line()
    {
        var screen = new Screen(20, 1);
        var area = new LiveArea(screen.Console());
        for (var i = 0; i < 3; i++)
        {
            area.Draw(_ => Framed("one"));
            area.Say($"line {i}");
        }

        Assert.Equal(["line 0", "line 1", "line 2", ""], screen.All);
    }

    private static Panel Framed(string text) => new Panel(text).Expand().Border(BoxBorder.Square);
}
