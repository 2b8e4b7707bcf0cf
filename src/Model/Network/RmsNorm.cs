using static TorchSharp.torch;

namespace Orca.Model.Network;

/// <summary>Divides by the root mean square, accumulated in fp32, and scales.</summary>
/// <param name="operators">What computes it.</param>
/// <param name="weight_E">[E], borrowed.</param>
/// <param name="epsilon">Added to the mean square.</param>
internal sealed class RmsNorm(INetworkOperators operators, Tensor weight_E, double epsilon)
{
    /// <summary>[..., E] to [..., E] of the same dtype; the caller's scope owns the result.</summary>
    public Tensor Forward(Tensor x)
    {
        if (weight_E.dtype == x.dtype)
        {
            return operators.Norm(x, weight_E, epsilon);
        }

        using var cast_E = weight_E.to_type(x.dtype);
        return operators.Norm(x, cast_E, epsilon);
    }
}
