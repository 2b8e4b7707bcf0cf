using System.Globalization;
using System.Text.Json;

namespace Orca.Cli.Bench.Streams;

/// <summary>What was measured of one plan.</summary>
internal sealed record StreamBenchRow
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    public required string Name { get; init; }

    /// <summary>Traces stored and judged.</summary>
    public required long Traces { get; init; }

    public required int BytesPerTrace { get; init; }

    /// <summary>Screens that judged each trace, at most.</summary>
    public required int Screens { get; init; }

    public required double TracesPerSecond { get; init; }

    /// <summary>Most memory that the process had, as far as it was looked at, ten times a second.</summary>
    public required long PeakMemoryBytes { get; init; }

    /// <summary>Queries and calls that had not come to their end; 0, or something was lost.</summary>
    public required long InFlightAtEnd { get; init; }

    /// <summary>Writes that the store had not committed; 0, or something was lost.</summary>
    public required long WaitingAtEnd { get; init; }

    /// <summary>Column heads of <see cref="ToLine"/>.</summary>
    public static string Header => "name             traces  bytes  screens   traces/s  peak MB  in flight  waiting";

    /// <summary>A line of the table.</summary>
    public string ToLine() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name,-13} {Traces,9}  {BytesPerTrace,5}  {Screens,7}  {TracesPerSecond,9:F0}  "
            + $"{PeakMemoryBytes / 1e6,7:F0}  {InFlightAtEnd,9}  {WaitingAtEnd,7}");

    /// <summary>The rows as a JSON array.</summary>
    public static string ToJson(IReadOnlyList<StreamBenchRow> rows) => JsonSerializer.Serialize(rows, Json);
}
