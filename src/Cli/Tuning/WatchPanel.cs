using System.Globalization;
using Orca.Cli.Display;
using Orca.Protocol.Curriculum.V1;
using Spectre.Console;
using Spectre.Console.Rendering;
using Status = Orca.Protocol.Curriculum.V1.Status;

namespace Orca.Cli.Tuning;

/// <summary>
/// Draws a watched run for an interactive terminal: how it stands, loss and speed over time, and the commands that changed it.
/// </summary>
internal static class WatchPanel
{
    private const int BorderColumns = 4;
    private const int BorderRows = 2;
    private const int LabelColumns = 10;
    private const int NarrowestWithLabels = 40;
    private const int ChartRows = 5;
    private const int SpeedRows = 3;
    private const int MostCommands = 6;

    /// <summary>The panel.</summary>
    public static IRenderable Draw(WatchedRun run, int columns, int rows, TimeZoneInfo zone) =>
        new Panel(new Text(string.Join('\n', Lines(run, Math.Max(1, columns - BorderColumns), Math.Max(1, rows - BorderRows), zone))))
            .Header(" orca ").BorderColor(Color.Grey).Expand();

    /// <summary>What is in it: at most so many lines, none longer than so many columns.</summary>
    public static IReadOnlyList<string> Lines(WatchedRun run, int columns, int rows, TimeZoneInfo zone)
    {
        var label = columns >= NarrowestWithLabels ? LabelColumns : 0;
        var lines = Facts(run, zone).Where(fact => fact.Value.Length > 0)
            .Select(fact => label > 0 ? fact.Name.PadRight(label) + fact.Value : fact.Value).ToList();
        if (run.Losses.Count > 0)
        {
            lines.AddRange(Charts(run, label, Math.Max(1, columns - label)));
        }

        // The newest commands, as many as there is room for.
        var room = Math.Clamp(rows - lines.Count, 0, MostCommands);
        lines.AddRange(run.Commands.TakeLast(room).Select(command =>
            $"{command.Letter}  {EventText.Clock(command.Event, zone)}  {EventText.Command(command.Event.Command)}"));
        return [.. lines.Take(rows).Select(line => Cut(TerminalText.Harmless(line), columns))];
    }

    private static IEnumerable<(string Name, string Value)> Facts(WatchedRun run, TimeZoneInfo zone)
    {
        if (run.Status is { } status)
        {
            yield return ("stage", CurriculumText.Stage(status) + "  " + Length(status)
                + $"   revision {CurriculumText.Number(status.Revision)}");
            yield return ("mixture", $"{CurriculumText.Mixture(status)}   {CurriculumText.Policy(status.Policy)}".Trim());
            yield return ("queue", $"{CurriculumText.Queue(status)}   kept {CurriculumText.Number(status.TracesAccepted)}   "
                + $"rejected {CurriculumText.Number(status.TracesRejected)}"
                + CurriculumText.Reasons(status));
        }

        yield return ("training", run.Steps is { } steps ? EventText.Steps(steps) : "");
        yield return ("version", run.Version is { } version ? EventText.Line(version, zone)! : "");
        yield return ("fault", run.Fault is { } fault ? EventText.Line(fault, zone)! : "");
        yield return ("connection", run.Note);
    }

    private static string Length(Status status) => status.HasStageLength
        ? $"{CurriculumText.Number(status.StageLessons)} of {CurriculumText.Number(status.StageLength)} lessons"
        : $"{CurriculumText.Number(status.StageLessons)} lessons";

    private static IEnumerable<string> Charts(WatchedRun run, int label, int columns)
    {
        foreach (var line in Chart("loss", run.Losses, ChartRows, "0.000", label, columns, isKept: true))
        {
            yield return line;
        }

        var marks = Marks(run, columns);
        if (marks.Trim().Length > 0)
        {
            yield return "".PadRight(label) + marks;
        }

        foreach (var line in Chart("tokens/s", run.Speeds, SpeedRows, "#,0", label, columns, isKept: false))
        {
            yield return line;
        }
    }

    // The name stands at the top with the greatest number, the least at the bottom.
    private static IEnumerable<string> Chart(
        string name, IReadOnlyList<(DateTimeOffset Time, double Value)> points, int rows, string format, int label, int columns,
        bool isKept)
    {
        var lines = TimeChart.Draw(points, columns, rows, isKept);
        string Number(double value) => value.ToString(format, CultureInfo.InvariantCulture).PadLeft(label - 1) + ' ';
        for (var row = 0; row < lines.Count; row++)
        {
            yield return (label == 0 ? ""
                : row == 0 ? Number(points.Max(point => point.Value))
                : row == lines.Count - 1 ? Number(points.Min(point => point.Value))
                : row == 1 ? name.PadRight(label)
                : "".PadRight(label)) + lines[row];
        }
    }

    private static string Marks(WatchedRun run, int columns)
    {
        var marks = new string(' ', columns).ToCharArray();
        foreach (var (letter, happened) in run.Commands)
        {
            // One that no step has seen yet stands at the end.
            var time = happened.Time.ToDateTimeOffset();
            if (time >= run.Losses[0].Time)
            {
                marks[TimeChart.ColumnOf(run.Losses, time, columns) ?? columns - 1] = letter;
            }
        }

        return new string(marks);
    }

    private static string Cut(string line, int columns) =>
        line.Length <= columns ? line : columns > 1 ? line[..(columns - 1)] + '…' : line[..columns];
}
