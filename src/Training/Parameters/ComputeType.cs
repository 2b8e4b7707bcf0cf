using TorchSharp;

namespace Orca.Training.Parameters;

/// <summary>A type of number that the student computes with, or that its weights are published in.</summary>
public enum ComputeType
{
    /// <summary>32 bit: exact, and the type of the master weights in any case.</summary>
    Float32,

    /// <summary>16 bit with the range of 32: several times faster where the processor knows it.</summary>
    BFloat16,
}

/// <summary>What <see cref="ComputeType"/> is called elsewhere.</summary>
public static class ComputeTypes
{
    /// <summary>libtorch's name of it.</summary>
    public static torch.ScalarType ToScalarType(this ComputeType type) =>
        type == ComputeType.Float32 ? torch.ScalarType.Float32 : torch.ScalarType.BFloat16;
}
