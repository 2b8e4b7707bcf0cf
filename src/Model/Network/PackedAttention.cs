using Orca.Model.Native;
using static TorchSharp.torch;

namespace Orca.Model.Network;

// Shapes: B batch, T tokens, H heads, K key/value heads, G = H/K, D head dimension.

/// <summary>
/// Attention over rows of packed documents: a token sees the tokens of its own segment up to itself. Differentiable.
/// The mask is built once for all layers.
/// </summary>
/// <param name="segments_BT">Segment of each token, any integer type; 0 marks padding, which sees padding alone. Borrowed.</param>
public sealed class PackedAttention(Tensor segments_BT) : IAttention, IDisposable
{
    private Tensor? mask_B1TT;

    /// <inheritdoc/>
    public int PositionLimit => (int)segments_BT.shape[1];

    /// <inheritdoc/>
    public Tensor Attend(int layer, Tensor query_BTHD, Tensor key_BTKD, Tensor value_BTKD)
    {
        mask_B1TT ??= Mask(query_BTHD.dtype);
        using var scope = NewDisposeScope();
        var groups = query_BTHD.shape[2] / key_BTKD.shape[2];
        var query_BHTD = query_BTHD.transpose(1, 2);
        var key_BHTD = Repeat(key_BTKD, groups).transpose(1, 2);
        var value_BHTD = Repeat(value_BTKD, groups).transpose(1, 2);
        var attended_BHTD = query_BHTD.device.type == TorchSharp.DeviceType.CPU
            ? Aten.CausalFlashAttentionOnCpu(query_BHTD, key_BHTD, value_BHTD, mask_B1TT)
            : Aten.Attention(query_BHTD, key_BHTD, value_BHTD, mask_B1TT);
        return attended_BHTD.transpose(1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>Frees the mask.</summary>
    public void Dispose() => mask_B1TT?.Dispose();

    private static Tensor Repeat(Tensor x_BTKD, long groups)
    {
        if (groups == 1)
        {
            return x_BTKD;
        }

        var shape = x_BTKD.shape;
        return x_BTKD.unsqueeze(3).expand(shape[0], shape[1], shape[2], groups, shape[3]).flatten(2, 3);
    }

    private Tensor Mask(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        var length = segments_BT.shape[1];
        var same_BTT = segments_BT.unsqueeze(2) == segments_BT.unsqueeze(1);
        var causal_TT = ones(length, length, ScalarType.Bool, segments_BT.device).tril_();
        var hidden_BTT = same_BTT.logical_and_(causal_TT).logical_not_();
        return zeros(hidden_BTT.shape, dtype, segments_BT.device)
            .masked_fill_(hidden_BTT, Scalars.NegativeInfinity)
            .unsqueeze(1)
            .DetachFromDisposeScope();
    }
}
