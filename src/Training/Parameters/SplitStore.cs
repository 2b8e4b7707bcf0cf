using Orca.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Parameters;

/// <summary>
/// Float32 weights in two halves: the nearest bfloat16 number, which the network computes with, and what is missing, as a signed number of
/// steps of the last place. Together 4 bytes each, and exactly the float32 master that <see cref="MasteredStore"/> keeps in 6.
/// </summary>
/// <param name="count">N.</param>
/// <param name="device">Where they lie.</param>
public sealed class SplitStore(long count, Device device) : NumberStore, IComputeWeights
{
    private readonly UpperHalves upper = new(Zeros(count, ScalarType.BFloat16, device));
    private readonly Tensor lower_N = Zeros(count, ScalarType.Int16, device);

    /// <inheritdoc/>
    public override IReadOnlyList<StoredPart> Parts => [new("upper", upper.Numbers_N), new("lower", lower_N)];

    /// <inheritdoc/>
    public Tensor Compute_N => upper.Numbers_N;

    /// <inheritdoc/>
    public override Tensor Read(long start, long count)
    {
        using var scope = NewDisposeScope();
        var bits_n = upper.Read(start, count).Plus_(lower_N.narrow(0, start, count).to_type(ScalarType.Int32));
        return Aten.BitsOf(bits_n, ScalarType.Float32).clone().MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override void Write(long start, Tensor numbers_n, Rounding rounding)
    {
        using var scope = NewDisposeScope();
        var upper_n = UpperHalves.NearestTo(numbers_n);
        upper.Write(start, upper_n);
        var missing_n = Aten.BitsOf(numbers_n, ScalarType.Int32).sub(UpperHalves.Widened(upper_n));
        lower_N.narrow(0, start, numbers_n.shape[0]).copy_(missing_n);
    }
}
