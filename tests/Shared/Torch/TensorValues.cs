using static TorchSharp.torch;

namespace Orca.Tests.Shared;

/// <summary>A tensor's numbers, flat.</summary>
internal static class TensorValues
{
    // In a scope: what is made between two operators is held by nothing else, and may be freed while the second one reads it.
    public static double[] Doubles(this Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().to_type(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
    }

    public static float[] Floats(this Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().to_type(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
    }
}
