using System.Globalization;
using System.Text;

namespace Orca.Cli.Bench;

/// <summary>Writes the rows of <c>orca bench serve</c> for people.</summary>
internal static class ServeTable
{
    // Beyond this the measuring side itself is part of what was measured.
    private const double ToleratedLateness = 10;

    /// <summary>One run.</summary>
    public static string Render(ServeRow row)
    {
        var text = new StringBuilder();
        var load = row.Rate is { } rate ? $"{Number(rate)} requests/s by chance" : $"{row.Concurrency} at a time";
        Line(text, $"{row.Phase}: {row.Requests} requests in {row.Seconds:F1} s, {load}{Reloads(row)}");
        Line(text, $"  {"ms",-18}{"p50",10}{"p90",10}{"p99",10}{"max",10}{"samples",10}");
        Spread(text, "first token", row.TimeToFirstToken);
        Spread(text, "time a token", row.TimePerOutputToken);
        Spread(text, "between tokens", row.InterTokenLatency);
        Spread(text, "whole answer", row.RequestDuration);
        Line(text, $"  throughput        {row.RequestsPerSecond:F2} requests/s, {row.OutputTokensPerSecond:F1} output tokens/s, {row.TotalTokensPerSecond:F1} tokens/s with prompts");
        Line(text, $"  goodput           {row.GoodputPerSecond:F2} requests/s, {row.GoodShare:P1} of them{TargetsOf(row)}");
        Line(text, $"  failed            {row.Failed}{Statuses(row)}");
        if (row.SendingLateness.P99 > ToleratedLateness)
        {
            Line(text, $"  warning: requests were sent up to {row.SendingLateness.P99:F1} ms (p99) late; the latencies count that as waiting.");
        }

        return text.ToString();
    }

    /// <summary>What reloading changed.</summary>
    public static string Compare(ServeRow quiet, ServeRow reloading)
    {
        var text = new StringBuilder();
        Line(text, $"reloading against quiet: p99 between tokens {Ratio(reloading.InterTokenLatency.P99, quiet.InterTokenLatency.P99)}, p99 first token {Ratio(reloading.TimeToFirstToken.P99, quiet.TimeToFirstToken.P99)}, output tokens/s {Ratio(reloading.OutputTokensPerSecond, quiet.OutputTokensPerSecond)}, failed {reloading.Failed} against {quiet.Failed}");
        return text.ToString();
    }

    /// <summary>What a neighbour's behaviour changed, against an ordinary one's.</summary>
    public static string Beside(ServeRow row)
    {
        var text = new StringBuilder();
        var calls = row.NeighbourCalls!.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Key} {pair.Value}");
        Line(text, $"{row.Phase}: p99 between tokens {Number(row.InterTokenLatency.P99)} ms, {Number(row.AgainstOrdinary)} times that beside ordinary requests; {row.TextsChanged} of {row.TextsCompared} texts changed; {row.Requests} requests, {row.Failed} failed; the neighbour's calls: {string.Join(", ", calls)}");
        return text.ToString();
    }

    private static void Spread(StringBuilder text, string name, Latency latency) => Line(
        text, $"  {name,-18}{Number(latency.P50),10}{Number(latency.P90),10}{Number(latency.P99),10}{Number(latency.Max),10}{latency.Samples,10}");

    private static string Reloads(ServeRow row) =>
        row.Reloads is { } reloads ? $"; {reloads} checkpoints published, {row.Versions} versions answered" : "";

    private static string TargetsOf(ServeRow row) => string.Concat(
        row.TimeToFirstTokenTarget is { } first ? $", first token within {Number(first)} ms" : "",
        row.InterTokenLatencyTarget is { } gap ? $", p99 between tokens within {Number(gap)} ms" : "");

    private static string Statuses(ServeRow row) =>
        row.Failed == 0 ? "" : $" ({string.Join(", ", row.Failures.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Key} {pair.Value}"))})";

    private static string Ratio(double? part, double? whole) =>
        part is { } a && whole is { } b && b > 0 ? string.Create(CultureInfo.InvariantCulture, $"{a / b:F2} times") : "unknown";

    private static string Number(double? value) => value is { } number
        ? number.ToString(number < 10 ? "F2" : number < 1_000 ? "F1" : "F0", CultureInfo.InvariantCulture)
        : "-";

    private static void Line(StringBuilder text, FormattableString line) => text.AppendLine(FormattableString.Invariant(line));
}
