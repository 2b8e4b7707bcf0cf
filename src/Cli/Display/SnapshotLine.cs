using System.Globalization;

namespace Orca.Cli.Display;

/// <summary>Writes a run as one plain line.</summary>
internal static class SnapshotLine
{
    /// <summary>Everything that is known, in one line without colours, whatever the names in it.</summary>
    public static string Write(RunSnapshot run)
    {
        var parts = new List<string> { Durations.Clock(run.Elapsed), run.Phase };
        if (run.Stage.Length > 0)
        {
            parts.Add($"stage {run.Stage}{(run.Paused ? " (paused)" : "")}");
            parts.Add(Text($"{run.TasksPerSecond:F0} tasks/s"));
            parts.Add($"kept {run.Kept}, rejected {Rejected(run, "D")}");
            parts.Add($"queue {run.Queued}/{run.QueueCapacity}");
        }

        if (run.Step > 0)
        {
            parts.Add($"step {Steps(run)}");
            Add(parts, "loss", run.Loss is { } loss ? Text($"{loss:F3}") : "");
            Add(parts, "practice loss", run.PracticeLoss is { } practice ? Text($"{practice:F3}") : "");
            parts.Add(Text($"{run.TokensPerSecond:F0} tokens/s"));
            Add(parts, "at", run.ShareOfProduct is { } reached ? $"{Percent(reached)} of the best product" : "");
            parts.Add($"waiting {Percent(run.Waiting)}");
        }

        Add(parts, "published", run.Published);
        Add(parts, "served", run.Served);
        Add(parts, "held-out", run.HeldOut is { } share ? Percent(share) : "");
        Add(parts, "faults", run.Faults > 0 ? run.Faults.ToString(CultureInfo.InvariantCulture) : "");
        return TerminalText.OneLine(string.Join("  ", parts));
    }

    /// <summary>Rejected traces with their reasons.</summary>
    /// <param name="run">The run.</param>
    /// <param name="format">How the numbers are written, such as <c>N0</c>.</param>
    public static string Rejected(RunSnapshot run, string format) => run.RejectedInAll == 0
        ? "0"
        : $"{Count(run.RejectedInAll, format)} ({string.Join(", ", run.Rejected.Where(pair => pair.Value > 0).Select(
            pair => $"{pair.Key} {Count(pair.Value, format)}"))})";

    /// <summary>Steps made, and how many there will be.</summary>
    public static string Steps(RunSnapshot run) => run.MaxSteps is { } limit ? $"{run.Step}/{limit}" : $"{run.Step}";

    /// <summary>A share from 0 to 1 in per cent.</summary>
    public static string Percent(double share) => Text($"{share * 100:F0} %");

    private static void Add(List<string> parts, string name, string value)
    {
        if (value.Length > 0)
        {
            parts.Add($"{name} {value}");
        }
    }

    private static string Count(long number, string format) => number.ToString(format, CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
