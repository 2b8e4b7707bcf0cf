using Spectre.Console;
using Spectre.Console.Rendering;

namespace Orca.Cli.Display;

/// <summary>
/// The last rows of a terminal, where a panel is drawn anew in place; what is said for good goes above it. The cursor rests in the row
/// below, so that what others write there, such as the <c>^C</c> of the terminal itself, does not move the panel; it is never hidden,
/// so that nothing has to be restored by a process that is killed. One caller at a time.
/// </summary>
/// <param name="console">The terminal.</param>
internal sealed class LiveArea(IAnsiConsole console)
{
    private const string EraseRow = "\r\e[2K";
    private const string RowUp = "\e[A";

    private Func<int?, IRenderable> _panel = _ => Text.Empty;
    private int[] _cells = [];

    /// <summary>Draws a panel in place of the one before.</summary>
    /// <param name="panel">Makes it, of no more rows than are given; asked again where something is said.</param>
    public void Draw(Func<int?, IRenderable> panel)
    {
        _panel = panel;
        Write("", Room());
    }

    /// <summary>Writes lines above the panel.</summary>
    public void Say(string text) => Write($"{text}{Environment.NewLine}", _cells.Length == 0 ? 0 : Room());

    /// <summary>Leaves the last panel for good, with all of its rows.</summary>
    public void End()
    {
        Write("", null);
        _cells = [];
    }

    // The cursor has a row of its own.
    private int Room() => console.Profile.Height - 1;

    private void Write(string above, int? rows)
    {
        var takeAway = TakeAway();
        var panel = rows is null or > 0 ? _panel(rows) : null;
        _cells = panel is null ? [] : [.. Segment.SplitLines(panel.GetSegments(console)).Select(line => line.CellCount())];
        var lines = panel is null ? "" : console.ToAnsi(panel).TrimEnd('\n') + Environment.NewLine;
        console.Profile.Out.Writer.Write(takeAway + above + lines);
        console.Profile.Out.Writer.Flush();
    }

    // A terminal that has become narrower has broken lines into several. Row by row, since some terminals keep what was erased at once
    // among the rows that were scrolled away.
    private string TakeAway()
    {
        var width = console.Profile.Width;
        var rows = _cells.Sum(cells => Math.Max(1, (cells + width - 1) / width));
        return EraseRow + string.Concat(Enumerable.Repeat(RowUp + EraseRow, rows));
    }
}
