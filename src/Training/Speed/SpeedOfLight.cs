using System.Diagnostics;
using Orca.Model.Native;
using Orca.Model.Network;
using Orca.Training.Parameters;
using static TorchSharp.torch;

namespace Orca.Training.Speed;

/// <summary>What steps could reach at most on a device, in operations a second.</summary>
/// <param name="Product">The fastest product of the student's own sizes, as it was measured.</param>
/// <param name="DataSheet">What the maker promises, without sparsity; null where that is not known.</param>
public sealed record SpeedOfLight(double Product, double? DataSheet)
{
    // Tensor cores, bf16 with sums in fp32, dense: NVIDIA's data sheets. Longer names first.
    private static readonly (string Name, double Flops)[] DataSheets =
    [
        ("B200", 2_250e12), ("GH200", 989e12), ("H200", 989e12), ("H100 PCIe", 756e12), ("H100", 989e12), ("A100", 312e12), ("A10G", 70e12),
        ("A10", 125e12), ("L40S", 362e12), ("L40", 181e12), ("L4", 121e12), ("RTX 4090", 165e12), ("RTX 3090", 71e12),
    ];

    // As fast as more, and no memory to speak of beside the student: the ledger does not know these operands.
    private const int MostRows = 2_048;

    // Long enough for code to be compiled as it stays, and for another process to let go of a core.
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(300);

    /// <summary>Measures it, for a third of a second or for a few products where those take longer: the fastest counts.</summary>
    /// <param name="config">Shape of the student.</param>
    /// <param name="options">How it learns.</param>
    public static SpeedOfLight Measure(LlamaConfig config, TrainerOptions options)
    {
        var isNarrow = options.Compute == ComputeType.BFloat16;
        using var scope = NewDisposeScope();
        using var product = new BestProduct(
            config, Math.Min(MostRows, options.BatchRows * options.SequenceLength), isNarrow, get_num_threads(), device(options.Device));
        var (started, fastest) = (Stopwatch.GetTimestamp(), 0.0);
        do
        {
            fastest = Math.Max(fastest, product.FlopsPerSecond());
        }
        while (Stopwatch.GetElapsedTime(started) < Shortest);
        return new SpeedOfLight(fastest, isNarrow ? DataSheetOf(DeviceMemory.NameOf(options.Device)) : null);
    }

    /// <summary>The faster product of two measurements: what is slower was measured beside something else.</summary>
    public SpeedOfLight Or(SpeedOfLight other) => this with { Product = Math.Max(Product, other.Product) };

    /// <summary>What a device of a name promises in bf16; null where it is not among those that are known.</summary>
    public static double? DataSheetOf(string? name) => name is null
        ? null
        : DataSheets.Where(sheet => name.Contains(sheet.Name, StringComparison.OrdinalIgnoreCase)).Select(sheet => (double?)sheet.Flops)
            .FirstOrDefault();
}
