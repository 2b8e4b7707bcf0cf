using Orca.Training.Memory;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Orca.Cli.Display;

/// <summary>Draws a run as a panel for an interactive terminal.</summary>
internal static class LivePanel
{
    private const int SparklineColumns = 40;

    /// <summary>The panel of one snapshot.</summary>
    public static IRenderable Draw(RunSnapshot run)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn();
        Row(grid, "time", $"{Durations.Clock(run.Elapsed)}  {run.Phase}");
        if (run.Stage.Length > 0)
        {
            Row(grid, "stage", run.Stage + (run.Paused ? "  (paused)" : ""));
            Row(
                grid, "tasks",
                FormattableString.Invariant($"{run.TasksPerSecond:F0}/s   kept {run.Kept:N0}   rejected {SnapshotLine.Rejected(run)}"));
            Row(grid, "queue", FormattableString.Invariant($"{run.Queued:N0} of {run.QueueCapacity:N0} lessons"));
        }

        if (run.Step > 0)
        {
            Row(
                grid, "training",
                FormattableString.Invariant(
                    $"step {SnapshotLine.Steps(run)}   {run.TokensPerSecond:N0} tokens/s   learning rate {run.LearningRate:E1}"));
            Row(grid, "speed", string.Join("   ", Speed(run)));
            Row(grid, "loss", FormattableString.Invariant($"{run.Loss:F3}   {Sparkline.Draw(run.Losses, SparklineColumns)}"));
        }

        Row(grid, "published", run.Published.Length == 0 ? "nothing yet" : run.Published);
        Row(grid, "served", run.Served.Length == 0 ? "nothing yet" : run.Served);
        Row(grid, "held-out", run.HeldOut is { } share ? $"{SnapshotLine.Percent(share)}   "
            + $"{Sparkline.Draw(run.HeldOuts, SparklineColumns)}" : "not examined yet");
        if (run.Faults > 0)
        {
            Row(grid, "faults", $"{run.Faults:N0} (see the log lines above)");
        }

        return new Panel(grid).Header(" orca ").BorderColor(Color.Grey).Expand();
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

    private static void Row(Grid grid, string name, string value) => grid.AddRow(new Text(name, new Style(Color.Grey)), new Text(value));
}
