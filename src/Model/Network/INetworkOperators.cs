using Orca.Model.Native;
using static TorchSharp.torch;

namespace Orca.Model.Network;

/// <summary>What computes a network's layers: a part that the network is given, so that it is written once.</summary>
public interface INetworkOperators
{
    /// <summary>Makes projections of one and the same input from their weights.</summary>
    /// <param name="weights">Of each, at least one.</param>
    /// <param name="isReused">Whether they are used several times between two changes of the weights.</param>
    ILinears Linears(IReadOnlyList<LinearWeights> weights, bool isReused = false);

    /// <summary>Rows of the embedding, [B, T, E] in its dtype or a wider one; the caller's scope owns the result.</summary>
    /// <param name="weight_VE">The embedding.</param>
    /// <param name="tokens_BT">int64, each below V.</param>
    Tensor Embed(Tensor weight_VE, Tensor tokens_BT);

    /// <summary>
    /// <paramref name="x"/> [..., E] over the root of its mean square, times a weight of the same dtype; the caller's scope owns the
    /// result.
    /// </summary>
    Tensor Norm(Tensor x, Tensor weight_E, double epsilon);

    /// <summary>
    /// Turns queries or keys [B, T, heads, D] to their positions, dimension i with dimension i + D/2; the caller's scope owns the result.
    /// </summary>
    /// <param name="x_BTHD">What is turned.</param>
    /// <param name="cosine_BT1D">The second half of D like the first.</param>
    /// <param name="sine_BT1D">The first half of D the negative of the second.</param>
    Tensor Turn(Tensor x_BTHD, Tensor cosine_BT1D, Tensor sine_BT1D);

    /// <summary>silu(gate) · up, element by element; the caller's scope owns the result.</summary>
    Tensor GatedSilu(Tensor gate, Tensor up);

    /// <summary>Makes attention over rows of packed documents.</summary>
    /// <param name="segments_BT">
    /// Segment of each token, any integer type, equal within a document and different next to it; 0 marks padding, which sees padding
    /// alone. Borrowed, and not changed while the attention is in use.
    /// </param>
    IPackedAttention Attention(Tensor segments_BT);
}

/// <summary>The operators of libtorch: for every device and dtype, and as often differentiable as may be.</summary>
public sealed class TorchOperators : INetworkOperators
{
    /// <inheritdoc/>
    public ILinears Linears(IReadOnlyList<LinearWeights> weights, bool isReused = false) => new DenseLinears(weights);

    /// <inheritdoc/>
    public Tensor Embed(Tensor weight_VE, Tensor tokens_BT)
    {
        // On the CPU a look-up's gradient adds up in the weight's own dtype: in bf16 a sum stops growing at 256 equal terms.
        var narrow = weight_VE.element_size() < 4 && weight_VE.device_type == TorchSharp.DeviceType.CPU && weight_VE.requires_grad
            && is_grad_enabled();
        return Aten.Embedding(narrow ? weight_VE.to_type(ScalarType.Float32) : weight_VE, tokens_BT);
    }

    /// <inheritdoc/>
    public Tensor Norm(Tensor x, Tensor weight_E, double epsilon) => Aten.RmsNorm(x, weight_E, epsilon);

    /// <inheritdoc/>
    public Tensor Turn(Tensor x_BTHD, Tensor cosine_BT1D, Tensor sine_BT1D)
    {
        using var partner = x_BTHD.roll(x_BTHD.shape[^1] / 2, -1);
        using var kept = x_BTHD * cosine_BT1D;
        return kept.PlusProduct(partner, sine_BT1D);
    }

    /// <inheritdoc/>
    public Tensor GatedSilu(Tensor gate, Tensor up) => nn.functional.silu(gate) * up;

    /// <inheritdoc/>
    public IPackedAttention Attention(Tensor segments_BT) => new PackedAttention(segments_BT);
}
