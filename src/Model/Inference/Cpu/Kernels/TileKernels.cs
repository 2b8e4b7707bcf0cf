using System.Diagnostics;
using Orca.Model.Inference.Cpu.Machine;
using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Inference.Cpu.Kernels;

/// <summary>The kernels that suit this machine; each kind is made when it is first asked for.</summary>
internal static unsafe class TileKernels
{
    private static readonly Lazy<TileKernel>[] WithFloats = Made(_ => InputForm.Fp32);
    private static readonly Lazy<TileKernel>[] WithWhatSuits = Made(FormFor);

    /// <summary>For the matrices of a model.</summary>
    public static TileKernel ForWeights(PanelFormat format) => WithWhatSuits[(int)format].Value;

    /// <summary>For keys and values, whose inputs stay in fp32.</summary>
    public static TileKernel ForCache(PanelFormat format) => WithFloats[(int)format].Value;

    private static Lazy<TileKernel>[] Made(Func<PanelFormat, InputForm> form) =>
        [.. Enum.GetValues<PanelFormat>().Select(format => new Lazy<TileKernel>(() => new TileKernel(format, form(format))))];

    private static InputForm FormFor(PanelFormat format) => format switch
    {
        PanelFormat.Int8 or PanelFormat.Int4 => InputForm.ByteGroups,
        PanelFormat.Bf16 when HasFastPairs() => InputForm.BFloat16Pairs,
        _ => InputForm.Fp32,
    };

    /// <summary>
    /// Whether this processor multiplies pairs of bf16 faster than it multiplies fp32: twice as fast on AMD's since Zen 4, at
    /// less than half the speed on Intel's Sapphire Rapids. The two are so far apart that a glance tells them.
    /// </summary>
    private static bool HasFastPairs()
    {
        var pairs = new TileKernel(PanelFormat.Bf16, InputForm.BFloat16Pairs);
        return pairs.IsUsable && Seconds(pairs) < Seconds(ForCache(PanelFormat.Bf16));
    }

    /// <summary>The least time that a tall tile takes whose inputs and weights are in the cache.</summary>
    private static double Seconds(TileKernel kernel)
    {
        const int Units = 64, Tries = 20;
        using var weights = new NativeBuffer(Units * PanelFormat.Bf16.UnitBytes());
        using var rows = new NativeBuffer(Units * kernel.MaxRows * kernel.Inputs.UnitWords() * sizeof(float));
        using var sums = new NativeBuffer(kernel.MaxRows * PanelFormats.PanelOutputs * sizeof(float));
        var tile = new Tile
        {
            Weights = weights.Data,
            Rows = rows.Data,
            Units = Units,
            Outputs = sums.Floats,
            OutputBytes = PanelFormats.PanelOutputs * sizeof(float),
            Ahead = weights.Data,
        };
        var least = double.MaxValue;
        for (var i = 0; i < Tries; i++)
        {
            var started = Stopwatch.GetTimestamp();
            kernel.Run(kernel.MaxRows, TileKernel.MaxShare, tile);
            kernel.Run(kernel.MaxRows, TileKernel.MaxShare, tile);
            least = Math.Min(least, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        return least;
    }
}
