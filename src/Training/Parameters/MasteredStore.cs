using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Parameters;

/// <summary>Weights in float32, and a copy in bfloat16 that the network computes with: 6 bytes each.</summary>
/// <param name="count">N.</param>
/// <param name="device">Where they lie.</param>
public sealed class MasteredStore(long count, Device device) : NumberStore, IComputeWeights
{
    private readonly Float32Store master = new(count, device);
    private readonly UpperHalves copy = new(Zeros(count, ScalarType.BFloat16, device));

    /// <inheritdoc/>
    public override IReadOnlyList<StoredPart> Parts => [new("master", master.Compute_N), new("copy", copy.Numbers_N)];

    /// <inheritdoc/>
    public override bool IsFloat32 => true;

    /// <inheritdoc/>
    public Tensor Compute_N => copy.Numbers_N;

    /// <inheritdoc/>
    public override Tensor Read(long start, long count) => master.Read(start, count);

    /// <inheritdoc/>
    public override void Write(long start, Tensor numbers_n, Rounding rounding)
    {
        using var scope = NewDisposeScope();
        master.Write(start, numbers_n, rounding);
        copy.Write(start, UpperHalves.NearestTo(numbers_n));
    }
}
