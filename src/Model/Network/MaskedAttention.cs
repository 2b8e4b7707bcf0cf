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
    private readonly Dictionary<int, Tensor> masks_B1TT = [];

    public int PositionLimit => (int)segments_BT.shape[1];

    public Tensor Attend(int layer, Tensor query_BTHD, Tensor key_BTKD, Tensor value_BTKD, int? window = null)
    {
        using var scope = NewDisposeScope();
        var groups = query_BTHD.shape[2] / key_BTKD.shape[2];
        var attended_BHTD = Aten.Attention(
            query_BTHD.transpose(1, 2),
            PackedAttention.Repeat(key_BTKD, groups).transpose(1, 2),
            PackedAttention.Repeat(value_BTKD, groups).transpose(1, 2),
            MaskFor(window, query_BTHD.dtype));
        return attended_BHTD.transpose(1, 2).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var mask in masks_B1TT.Values)
        {
            mask.Dispose();
        }
    }

    private Tensor MaskFor(int? window, ScalarType dtype)
    {
        // A window as long as the row hides nothing.
        var seen = Math.Min(window ?? PositionLimit, PositionLimit);
        if (!masks_B1TT.TryGetValue(seen, out var mask_B1TT))
        {
            masks_B1TT.Add(seen, mask_B1TT = Mask(seen, dtype));
        }

        return mask_B1TT;
    }

    private Tensor Mask(int window, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        var same_BTT = segments_BT.unsqueeze(2) == segments_BT.unsqueeze(1);
        var hidden_BTT = same_BTT.logical_and_(WindowMask.Seen(segments_BT.shape[1], window, segments_BT.device)).logical_not_();
        return zeros(hidden_BTT.shape, dtype, segments_BT.device)
            .Hidden_(hidden_BTT)
            .unsqueeze(1)
            .DetachFromDisposeScope();
    }
}
