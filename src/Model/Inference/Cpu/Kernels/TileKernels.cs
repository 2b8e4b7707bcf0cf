using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Inference.Cpu.Kernels;

/// <summary>The kernels that suit this machine; each kind is made when it is first asked for.</summary>
internal static class TileKernels
{
    private const int Tries = 20;

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
        if (!pairs.IsUsable)
        {
            return false;
        }

        using var timing = new KernelTiming(PanelFormat.Bf16, pairs);
        using var other = new KernelTiming(PanelFormat.Bf16, ForCache(PanelFormat.Bf16));
        return timing.FlopsPerSecond(Tries) > other.FlopsPerSecond(Tries);
    }
}
