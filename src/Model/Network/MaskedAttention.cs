using Orca.Model.Native;
using static TorchSharp.torch;

namespace Orca.Model.Network;

// Shapes: B batch, T tokens, H heads, K key/value heads, D head dimension.

/// <summary>
/// Packed attention by a mask over whole rows: one call a layer, whose work grows with the square of the row, however
/// short the documents. The form for devices where that is cheap.
/// </summary>
internal sealed class MaskedAttention(Tensor segments_BT) : IAttention, IDisposable
{
    private Tensor? mask_B1TT;

    public int PositionLimit => (int)segments_BT.shape[1];

    public Tensor Attend(int layer, Tensor query_BTHD, Tensor key_BTKD, Tensor value_BTKD)
    {
        mask_B1TT ??= Mask(query_BTHD.dtype);
        using var scope = NewDisposeScope();
        var groups = query_BTHD.shape[2] / key_BTKD.shape[2];
        var attended_BHTD = Aten.Attention(
            query_BTHD.transpose(1, 2),
            PackedAttention.Repeat(key_BTKD, groups).transpose(1, 2),
            PackedAttention.Repeat(value_BTKD, groups).transpose(1, 2),
            mask_B1TT);
        return attended_BHTD.transpose(1, 2).MoveToOuterDisposeScope();
    }

    public void Dispose() => mask_B1TT?.Dispose();

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
