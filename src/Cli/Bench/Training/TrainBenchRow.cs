using System.Globalization;
using System.Text.Json;

namespace Orca.Cli.Bench.Training;

/// <summary>What was measured of training one shape in one way.</summary>
internal sealed record TrainBenchRow
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public required string Shape { get; init; }

    /// <summary>How many weights it has.</summary>
    public required long Parameters { get; init; }

    /// <summary>What products are computed in: fp32 or bf16.</summary>
    public required string Compute { get; init; }

    /// <summary>What computes them: own, libtorch, or plain, a plain TorchSharp network and optimizer beside them.</summary>
    public required string Products { get; init; }

    /// <summary>What weights are kept in: fp32, split or bf16.</summary>
    public required string Weights { get; init; }

    /// <summary>What the optimizer's states are kept in: fp32 or int8.</summary>
    public required string States { get; init; }

    /// <summary>What of the forward pass is computed again in the backward pass.</summary>
    public required string Recompute { get; init; }

    /// <summary>Rank of the adapters that are trained; 0: all weights are.</summary>
    public required int LoraRank { get; init; }

    /// <summary>Tokens of lessons in a step, padding left out: the median.</summary>
    public required double TokensPerStep { get; init; }

    public required double TokensPerSecond { get; init; }

    /// <summary>
    /// 10^9 operations a second that the best product here reaches in the shape's own sizes, measured between the steps.
    /// </summary>
    public required double BestProductGigaflops { get; init; }

    /// <summary>
    /// Time that the step's products would take at the best product's rate, over the time of the step: the median of what it was each
    /// time. Attention is left out.
    /// </summary>
    public required double ShareOfProduct { get; init; }

    /// <summary>Share of the rows' places that tokens fill.</summary>
    public required double PackingFill { get; init; }

    /// <summary>Bytes by the ledger, with the process as it was before: what is known before the first step.</summary>
    public required long PlannedBytes { get; init; }

    /// <summary>Most memory that the process had.</summary>
    public required long PeakBytes { get; init; }

    /// <summary>Column heads of <see cref="ToLine"/>.</summary>
    public static string Header =>
        "shape      parameters  compute  products  weights  states  recompute  rank  tokens/step  tokens/s  GFLOP/s of best  share  fill  "
            + "planned MB  peak MB";

    /// <summary>A line of the table.</summary>
    public string ToLine() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Shape,-9} {Parameters,11}  {Compute,7}  {Products,8}  {Weights,7}  {States,6}  {Recompute,9}  {LoraRank,4}  "
            + $"{TokensPerStep,11:F0}  {TokensPerSecond,8:F0}  {BestProductGigaflops,15:F0}  {ShareOfProduct,5:P0}  {PackingFill,4:P0}  "
            + $"{PlannedBytes / 1e6,10:F0}  {PeakBytes / 1e6,7:F0}");

    /// <summary>The rows as a JSON array.</summary>
    public static string ToJson(IReadOnlyList<TrainBenchRow> rows) => JsonSerializer.Serialize(rows, Json);
}
