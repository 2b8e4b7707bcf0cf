using Orca.Model.Native;
using static TorchSharp.torch;

namespace Orca.Model.Products;

/// <summary>Where a tensor's values lie.</summary>
internal static unsafe class Data
{
    /// <summary>The first of them: fp32, contiguous.</summary>
    public static float* Of(Tensor tensor) => (float*)Aten.DataPointer(tensor);
}
