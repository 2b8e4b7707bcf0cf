using static TorchSharp.torch;

namespace Orca.Model.Network;

// Shapes: I inputs, O outputs.

/// <summary>A dense projection's weights, borrowed.</summary>
/// <param name="Weight_OI">[O, I].</param>
/// <param name="Bias_O">[O]; null: none.</param>
public readonly record struct LinearWeights(Tensor Weight_OI, Tensor? Bias_O = null);

/// <summary>Projections of one and the same input, whatever computes them.</summary>
public interface ILinears
{
    /// <summary>[..., I] to [..., O] of each, in the dtype of <paramref name="x"/>; the caller's scope owns the results.</summary>
    IReadOnlyList<Tensor> Forward(Tensor x);
}

/// <summary>
/// Projections by libtorch. A weight of another dtype than the input is cast at every call, so that fp32 masters can be trained in bf16:
/// their gradients arrive in fp32.
/// </summary>
/// <param name="weights">Of each.</param>
public sealed class DenseLinears(IReadOnlyList<LinearWeights> weights) : ILinears
{
    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Forward(Tensor x) => [.. weights.Select(one => Forward(x, one))];

    private static Tensor Forward(Tensor x, LinearWeights weights)
    {
        var (weight_OI, bias_O) = weights;
        if (weight_OI.dtype == x.dtype)
        {
            return nn.functional.linear(x, weight_OI, bias_O);
        }

        using var cast_OI = weight_OI.to_type(x.dtype);
        using var cast_O = bias_O?.to_type(x.dtype);
        return nn.functional.linear(x, cast_OI, cast_O);
    }
}
