using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orca.Cli.Bench;

/// <summary>One run of <c>orca bench serve</c>, as its table shows it and <c>--json</c> writes it. Times are in milliseconds.</summary>
internal sealed record ServeRow
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary><c>quiet</c>, <c>reloading</c> where checkpoints were published meanwhile, or <c>beside</c> a kind of neighbour.</summary>
    public required string Phase { get; init; }

    /// <summary>Requests that arrived a second; null in a closed loop.</summary>
    public double? Rate { get; init; }

    /// <summary>Requests in flight; null in an open loop.</summary>
    public int? Concurrency { get; init; }

    public required int Seed { get; init; }

    public required double Seconds { get; init; }

    public required int Requests { get; init; }

    public required int Failed { get; init; }

    public required IReadOnlyDictionary<string, int> Failures { get; init; }

    public required double RequestsPerSecond { get; init; }

    public required double OutputTokensPerSecond { get; init; }

    public required double TotalTokensPerSecond { get; init; }

    public required Latency TimeToFirstToken { get; init; }

    public required Latency TimePerOutputToken { get; init; }

    public required Latency InterTokenLatency { get; init; }

    public required Latency RequestDuration { get; init; }

    public required Latency SendingLateness { get; init; }

    public double? TimeToFirstTokenTarget { get; init; }

    public double? InterTokenLatencyTarget { get; init; }

    /// <summary>Share of the requests that met the targets, 0 to 1; all that did not fail where there is no target.</summary>
    public required double GoodShare { get; init; }

    public required double GoodputPerSecond { get; init; }

    /// <summary>Versions of the student that answered.</summary>
    public required int Versions { get; init; }

    /// <summary>Checkpoints published during the run; null in a quiet one.</summary>
    public int? Reloads { get; init; }

    /// <summary>Requests that were sent in the quiet run too; null where nothing was compared.</summary>
    public int? TextsCompared { get; init; }

    /// <summary>Those of them whose answers differ.</summary>
    public int? TextsChanged { get; init; }

    /// <summary>The neighbour's calls, by the status they ended with; null where there was none.</summary>
    public IReadOnlyDictionary<string, int>? NeighbourCalls { get; init; }

    /// <summary>99th percentile between tokens, as a multiple of that beside the ordinary neighbour.</summary>
    public double? AgainstOrdinary { get; init; }

    /// <summary>Processors that other processes kept busy; null where the machine does not tell.</summary>
    public double? OtherProcessors { get; init; }

    public static ServeRow Of(string phase, LoadPlan plan, Targets targets, LoadSummary summary, int? reloads, CoreShare? cores) => new()
    {
        Phase = phase,
        Rate = plan.Rate,
        Concurrency = plan.Rate is null ? plan.Concurrency : null,
        Seed = plan.Seed,
        Seconds = summary.Seconds,
        Requests = summary.Requests,
        Failed = summary.Failures.Values.Sum(),
        Failures = summary.Failures,
        RequestsPerSecond = summary.RequestsPerSecond,
        OutputTokensPerSecond = summary.OutputTokensPerSecond,
        TotalTokensPerSecond = summary.TotalTokensPerSecond,
        TimeToFirstToken = Latency.Of(summary.TimeToFirstToken),
        TimePerOutputToken = Latency.Of(summary.TimePerToken),
        InterTokenLatency = Latency.Of(summary.InterToken),
        RequestDuration = Latency.Of(summary.Duration),
        SendingLateness = Latency.Of(summary.Lateness),
        TimeToFirstTokenTarget = targets.TimeToFirstToken?.TotalMilliseconds,
        InterTokenLatencyTarget = targets.InterToken?.TotalMilliseconds,
        GoodShare = summary.GoodShare,
        GoodputPerSecond = summary.Goodput,
        Versions = summary.Versions,
        Reloads = reloads,
        OtherProcessors = cores?.Others,
    };

    /// <summary>An array of rows.</summary>
    public static string ToJson(IEnumerable<ServeRow> rows) => JsonSerializer.Serialize(rows, Json) + "\n";
}

/// <summary>How samples of a time are spread, in milliseconds; null where there is none.</summary>
internal sealed record Latency(int Samples, double? P50, double? P90, double? P99, double? Max, double? Mean)
{
    public static Latency Of(Percentiles seconds) => new(
        seconds.Count, Ms(seconds[50]), Ms(seconds[90]), Ms(seconds[99]), Ms(seconds.Max), Ms(seconds.Mean));

    private static double? Ms(double seconds) => double.IsNaN(seconds) ? null : seconds * 1_000;
}
