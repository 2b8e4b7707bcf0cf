using static TorchSharp.torch;

namespace Orca.Model.Network;

// Shapes: I inputs, O outputs.

/// <summary>A projection, whatever its weights are kept in.</summary>
public interface ILinear
{
    /// <summary>[..., I] to [..., O], in the dtype of <paramref name="x"/>; the caller's scope owns the result.</summary>
    Tensor Forward(Tensor x);
}

/// <summary>
/// A projection by a dense weight. A weight of another dtype than the input is cast at every call, so that fp32 masters
/// can be trained in bf16: their gradients arrive in fp32.
/// </summary>
/// <param name="weight_OI">[O, I], borrowed.</param>
/// <param name="bias_O">[O], borrowed; null: none.</param>
public sealed class DenseLinear(Tensor weight_OI, Tensor? bias_O = null) : ILinear
{
    /// <inheritdoc/>
    public Tensor Forward(Tensor x)
    {
        if (weight_OI.dtype == x.dtype)
        {
            return nn.functional.linear(x, weight_OI, bias_O);
        }

        using var cast_OI = weight_OI.to_type(x.dtype);
        using var cast_O = bias_O?.to_type(x.dtype);
        return nn.functional.linear(x, cast_OI, cast_O);
    }
}
