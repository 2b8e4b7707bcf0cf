using System.Globalization;
using Orca.Training.Memory;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Orca.Cli.Display;

/// <summary>Draws a run as a panel for an interactive terminal.</summary>
internal static class LivePanel
{
    private const int SparklineColumns = 40;
    private const int LeastSparkline = 4;

    // Narrower terminals have no columns to spare for a frame.
    private const int LeastFramed = 40;
    private const int FrameColumns = 4;
    private const int NameColumns = 9;

    private static readonly Style Names = new(Color.Grey);

    /// <summary>
    /// The panel of one snapshot, of no more rows than there are: where they do not suffice, first the frame is left out, then each fact
    /// is cut to a row, then the facts that matter least are left out.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="console">The terminal, of which the columns and what it can show are asked.</param>
    /// <param name="rows">Rows there are, at least 1; null for as many as it takes.</param>
    public static IRenderable Draw(RunSnapshot run, IAnsiConsole console, int? rows)
    {
        var columns = console.Profile.Width;
        if (columns >= LeastFramed)
        {
            var framed = Frame(Table(Facts(run, console, columns - FrameColumns), padding: 3), console);
            if (Fits(framed, console, rows))
            {
                return framed;
            }
        }

        var facts = Facts(run, console, columns).ToArray();
        var bare = Table(facts, padding: 1);
        return Fits(bare, console, rows) ? bare : Cut(facts, columns, rows ?? facts.Length);
    }

    private static Panel Frame(Grid facts, IAnsiConsole console) => new Panel(facts)
        .Border(console.Profile.Capabilities.Unicode ? BoxBorder.Square : BoxBorder.Ascii)
        .Header(" orca ").BorderColor(Color.Grey).Expand();

    private static Grid Table(IEnumerable<Fact> facts, int padding)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadLeft(0).PadRight(padding)).AddColumn(new GridColumn().PadRight(0));
        foreach (var fact in facts)
        {
            grid.AddRow(new Text(fact.Name, Names), new Text(fact.Value));
        }

        return grid;
    }

    private static Rows Cut(Fact[] facts, int columns, int rows)
    {
        var least = facts.Select(fact => fact.Rank).Order().ElementAt(Math.Min(rows, facts.Length) - 1);
        return new Rows(facts.Where(fact => fact.Rank <= least).Select(fact => new Text(
            TerminalText.Cut($"{fact.Name.PadRight(NameColumns)} {fact.Value}", columns))));
    }

    private static bool Fits(IRenderable panel, IAnsiConsole console, int? rows) =>
        rows is null || Segment.SplitLines(panel.GetSegments(console)).Count <= rows;

    // Ranks tell what is left out first.
    private static IEnumerable<Fact> Facts(RunSnapshot run, IAnsiConsole console, int columns)
    {
        yield return new("time", $"{Durations.Clock(run.Elapsed)}  {run.Phase}", 0);
        if (run.Stage.Length > 0)
        {
            yield return new("stage", run.Stage + (run.Paused ? "  (paused)" : ""), 6);
            yield return new("tasks", Text(
                $"{run.TasksPerSecond:N0}/s   kept {run.Kept:N0}   rejected {SnapshotLine.Rejected(run, "N0")}"), 3);
            yield return new("queue", Text($"{run.Queued:N0} of {run.QueueCapacity:N0} lessons"), 9);
        }

        if (run.Step > 0)
        {
            yield return new("training", Text(
                $"step {SnapshotLine.Steps(run)}   {run.TokensPerSecond:N0} tokens/s   learning rate {run.LearningRate:0.0e0}"), 1);
            yield return new("speed", string.Join("   ", Speed(run)), 8);
            if (run.Loss is { } loss)
            {
                yield return new("loss", WithBars(Text($"{loss:F3}"), run.Losses, console, columns), 2);
            }
        }

        if (run.PracticeLoss is { } practice)
        {
            yield return new("practice", Text($"loss {practice:F3}"), 5);
        }

        yield return new("published", run.Published.Length == 0 ? "nothing yet" : run.Published, 10);
        yield return new("served", run.Served.Length == 0 ? "nothing yet" : run.Served, 5);
        yield return new("held-out", run.HeldOut is { } share
            ? WithBars(SnapshotLine.Percent(share), run.HeldOuts, console, columns)
            : "not examined yet", 4);
        if (run.Faults > 0)
        {
            yield return new("faults", Text($"{run.Faults:N0} (see the log lines above)"), 7);
        }
    }

    private static string WithBars(string number, IReadOnlyList<double> numbers, IAnsiConsole console, int columns)
    {
        // After the names' and the number's columns and three spaces behind each.
        var bars = Math.Min(SparklineColumns, columns - NameColumns - number.Length - 6);
        return bars < LeastSparkline ? number : $"{number}   {Sparkline.Draw(numbers, bars, console.Profile.Capabilities.Unicode)}";
    }

    private static IEnumerable<string> Speed(RunSnapshot run)
    {
        if (run.ShareOfProduct is { } reached)
        {
            yield return $"{SnapshotLine.Percent(reached)} of the best product";
        }

        yield return $"waiting {SnapshotLine.Percent(run.Waiting)}";
        if (run.MemoryBytes is { } bytes)
        {
            yield return $"memory {MemoryPlan.Text(bytes)}";
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Fact(string Name, string Value, int Rank)
    {
        public string Value { get; } = TerminalText.OneLine(Value);
    }
}
