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
        using var scope = NewDisposeScope();
        var groups = query_BTHD.shape[2] / key_BTKD.shape[2];
        var attended_BHTD = Attend(
            query_BTHD.transpose(1, 2), Repeat(key_BTKD, groups).transpose(1, 2), Repeat(value_BTKD, groups).transpose(1, 2));
        return attended_BHTD.transpose(1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>Frees the mask.</summary>
    public void Dispose() => mask_B1TT?.Dispose();

    private Tensor Attend(Tensor query_BHTD, Tensor key_BHTD, Tensor value_BHTD)
    {
        var dtype = query_BHTD.dtype;
        if (query_BHTD.device.type != TorchSharp.DeviceType.CPU)
        {
            return Aten.Attention(query_BHTD, key_BHTD, value_BHTD, mask_B1TT ??= Mask(dtype));
        }

        // In fp32 the processor's kernel, forward and backward together, takes a quarter (T 128, D 32) to two thirds (T 1024, D 128)
        // of its time in bf16, on AVX512-BF16 without AMX, and rounds less.
        var wide = dtype == ScalarType.Float64 ? dtype : ScalarType.Float32;
        return Aten.CausalFlashAttentionOnCpu(
            query_BHTD.to(wide), key_BHTD.to(wide), value_BHTD.to(wide), mask_B1TT ??= Mask(wide)).to(dtype);
    }

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
