using Orca.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Parameters;

/// <summary>
/// Weights in bfloat16 alone, 2 bytes each. Steps are a hundred times smaller than what lies between two such numbers, so each is written
/// as one of its neighbours with a probability that makes the mean right (stochastic rounding: Gupta et al., arXiv 1502.02551).
/// </summary>
/// <param name="count">N.</param>
/// <param name="device">Where they lie.</param>
public sealed class RoundedStore(long count, Device device) : NumberStore, IComputeWeights
{
    // A float32 has 16 places more than a bfloat16.
    private const int Places = 16;

    private readonly UpperHalves upper = new(Zeros(count, ScalarType.BFloat16, device));

    /// <inheritdoc/>
    public override IReadOnlyList<StoredPart> Parts => [new("", upper.Numbers_N)];

    /// <inheritdoc/>
    public Tensor Compute_N => upper.Numbers_N;

    /// <inheritdoc/>
    public override Tensor Read(long start, long count) => upper.Numbers_N.narrow(0, start, count).to_type(ScalarType.Float32);

    /// <inheritdoc/>
    public override void Write(long start, Tensor numbers_n, Rounding rounding)
    {
        using var scope = NewDisposeScope();
        var bits_n = Aten.BitsOf(numbers_n, ScalarType.Int32);
        upper.Write(start, rounding.Added(bits_n, Places).Shifted_(-Places));
    }
}
