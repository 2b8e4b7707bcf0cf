using Orca.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Model.Network;

// Shapes: B batch, T tokens, N = B·T, H heads, K key/value heads, D head dimension.

/// <summary>
/// Packed attention by one call of flash attention over all documents at their own lengths: neither a mask nor scores are ever kept. For
/// CUDA, in half precision.
/// </summary>
internal sealed class FlashAttention : IAttention, IDisposable
{
    private readonly Tensor starts;
    private readonly int longest;

    /// <param name="segments_BT">[B, T] on the device; documents are its runs of equal numbers, row by row.</param>
    public FlashAttention(Tensor segments_BT)
    {
        PositionLimit = (int)segments_BT.shape[1];
        var documents = DocumentRun.Of(segments_BT);
        longest = documents.Max(document => document.Length);
        int[] ends = [.. documents.Select(document => document.Start), (int)segments_BT.numel()];
        starts = tensor(ends, device: segments_BT.device).DetachFromDisposeScope();
    }

    public int PositionLimit { get; }

    /// <summary>Whether the operator can do it.</summary>
    /// <param name="query_BTHD">Queries as they will come.</param>
    public static bool Suits(Tensor query_BTHD) =>
        query_BTHD.device_type == DeviceType.CUDA && Aten.CanFlash(query_BTHD.dtype, query_BTHD.shape[^1]);

    public Tensor Attend(int layer, Tensor query_BTHD, Tensor key_BTKD, Tensor value_BTKD, int? window = null)
    {
        using var scope = NewDisposeScope();
        var attended_NHD = Aten.FlashAttention(
            query_BTHD.flatten(0, 1), key_BTKD.flatten(0, 1), value_BTKD.flatten(0, 1), starts, starts, null, longest, longest,
            window < longest ? window : null);
        return attended_NHD.view(query_BTHD.shape).MoveToOuterDisposeScope();
    }

    public void Dispose() => starts.Dispose();
}
