using Orca.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Parameters;

/// <summary>Numbers in float32: 4 bytes each. Work on a run of them is work on the store.</summary>
/// <param name="count">N.</param>
/// <param name="device">Where they lie.</param>
public sealed class Float32Store(long count, Device device) : NumberStore, IComputeWeights
{
    private readonly Tensor values_N = Zeros(count, ScalarType.Float32, device);

    /// <inheritdoc/>
    public override IReadOnlyList<StoredPart> Parts => [new("", values_N)];

    /// <inheritdoc/>
    public override bool IsFloat32 => true;

    /// <inheritdoc/>
    public Tensor Compute_N => values_N;

    /// <inheritdoc/>
    public override Tensor Read(long start, long count) => values_N.narrow(0, start, count);

    /// <inheritdoc/>
    public override void Write(long start, Tensor numbers_n, Rounding rounding)
    {
        using var own_n = Read(start, numbers_n.shape[0]);
        if (!Aten.IsSameMemory(own_n, numbers_n))
        {
            own_n.copy_(numbers_n);
        }
    }
}
