using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Inference.Cpu.Kernels;

/// <summary>The kernels that suit this machine; each kind is made when it is first asked for.</summary>
internal static class TileKernels
{
    private const int Tries = 20;

    private static readonly Lazy<TileKernel>[] WithFloats = Made(_ => [InputForm.Fp32]);
    private static readonly Lazy<TileKernel>[] WithWhatSuits = Made(FormsOf);

    /// <summary>For the matrices of a model.</summary>
    public static TileKernel ForWeights(PanelFormat format) => WithWhatSuits[(int)format].Value;

    /// <summary>For keys and values, whose inputs stay in fp32.</summary>
    public static TileKernel ForCache(PanelFormat format) => WithFloats[(int)format].Value;

    /// <summary>What inputs might be turned into. Where they are rounded differently one form has to do for every number of rows.</summary>
    private static InputForm[] FormsOf(PanelFormat format) => format switch
    {
        PanelFormat.Int8 or PanelFormat.Int4 => [InputForm.ByteGroups],
        PanelFormat.Q4K or PanelFormat.Q5K or PanelFormat.Q6K => [InputForm.ByteSuperBlocks],
        PanelFormat.Bf16 => [InputForm.Fp32, InputForm.BFloat16Pairs, InputForm.BFloat16Rows],
        _ => [InputForm.Fp32],
    };

    private static Lazy<TileKernel>[] Made(Func<PanelFormat, InputForm[]> forms) =>
        [.. Enum.GetValues<PanelFormat>().Select(format => new Lazy<TileKernel>(() => Fastest(format, forms(format))))];

    /// <summary>
    /// The one that is fastest here: pairs of bf16 are twice as fast as fp32 on AMD's since Zen 4, half as fast on Intel's
    /// Sapphire Rapids, whose AMX is five times as fast. They are so far apart that a glance tells.
    /// </summary>
    private static TileKernel Fastest(PanelFormat format, InputForm[] forms)
    {
        var kernels = forms.Select(form => new TileKernel(format, form)).Where(kernel => kernel.IsUsable).ToArray();
        return kernels.Length == 1 ? kernels[0] : kernels.MaxBy(Rate);

        static double Rate(TileKernel kernel)
        {
            using var timing = new KernelTiming(kernel);
            return timing.FlopsPerSecond(Tries);
        }
    }
}
