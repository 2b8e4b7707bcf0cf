using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orca.Cli.Bench;

/// <summary>What was measured of one batch size; tokens are those of the whole batch.</summary>
internal sealed record EngineBenchRow
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Name of the model or its shape.</summary>
    public required string Shape { get; init; }

    /// <summary>What its weights are kept in.</summary>
    public required string Weights { get; init; }

    /// <summary>Sequences side by side.</summary>
    public required int Batch { get; init; }

    /// <summary>Tokens of each prompt.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>Tokens decoded after it.</summary>
    public required int Steps { get; init; }

    public required double PrefillTokensPerSecond { get; init; }

    public required double DecodeTokensPerSecond { get; init; }

    /// <summary>10^9 floating-point or integer operations a second of prefill.</summary>
    public required double PrefillGigaflops { get; init; }

    /// <summary>10^9 bytes of weights a second that decoding reads; keys and values are not counted.</summary>
    public required double DecodeGigabytesPerSecond { get; init; }

    /// <summary>
    /// 10^9 bytes a second that this machine reads from memory, measured beside each decoding; so that what decoding reads
    /// over this is the median of what it was each time.
    /// </summary>
    public required double ReadGigabytesPerSecond { get; init; }

    /// <summary>10^9 operations a second that products reach at most, measured in the same run.</summary>
    public required double ProductGigaflops { get; init; }

    /// <summary>Column heads of <see cref="ToLine"/>.</summary>
    public static string Header => "batch  prefill tok/s  GFLOP/s  of most  decode tok/s  GB/s  of read";

    /// <summary>A line of the table.</summary>
    public string ToLine() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Batch,5}  {PrefillTokensPerSecond,13:F1}  {PrefillGigaflops,7:F0}  {PrefillGigaflops / ProductGigaflops,7:P0}  "
            + $"{DecodeTokensPerSecond,12:F1}  {DecodeGigabytesPerSecond,4:F1}  {DecodeGigabytesPerSecond / ReadGigabytesPerSecond,7:P0}");

    /// <summary>The rows as a JSON array.</summary>
    public static string ToJson(IReadOnlyList<EngineBenchRow> rows) => JsonSerializer.Serialize(rows, Json);
}
