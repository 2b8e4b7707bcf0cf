using Orca.Model.Inference.Cpu.Kernels;
using Orca.Model.Inference.Cpu.MachineCode;
using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Products;

/// <summary>The kernels that training multiplies with: generated code, made when it is first asked for.</summary>
internal static class PanelKernels
{
    private static readonly Lazy<TileKernel> OfFloat32 = new(() => new TileKernel(PanelFormat.Fp32, InputForm.Fp32, apart: true));

    /// <summary>Whether any of them runs here.</summary>
    public static bool Run => Processor.RunsKernels && Float32().IsUsable;

    /// <summary>Whether bf16 is computed faster than fp32 here.</summary>
    public static bool RunBFloat16 => Run && BFloat16().Inputs != InputForm.Fp32;

    /// <summary>Of fp32.</summary>
    public static TileKernel Float32() => OfFloat32.Value;

    /// <summary>Of bf16, the fastest form of inputs here.</summary>
    public static TileKernel BFloat16() => TileKernels.ForWeights(PanelFormat.Bf16);
}
