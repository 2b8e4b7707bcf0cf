using static TorchSharp.torch;

namespace Orca.Model.Network;

// Shapes: B batch, T tokens, K key/value heads, D head dimension.

/// <summary>
/// Attention over rows of packed documents: a token sees the tokens of its own segment up to itself. Differentiable.
/// What depends on the segments alone is prepared once, for all layers.
/// </summary>
public sealed class PackedAttention : IPackedAttention
{
    private readonly Tensor segments_BT;
    private IAttention? attention;

    /// <param name="segments_BT">As for <see cref="INetworkOperators.Attention"/>.</param>
    public PackedAttention(Tensor segments_BT)
    {
        this.segments_BT = segments_BT;
        PositionLimit = (int)segments_BT.shape[1];
    }

    /// <inheritdoc/>
    public int PositionLimit { get; }

    /// <inheritdoc/>
    public Tensor Attend(int layer, Tensor query_BTHD, Tensor key_BTKD, Tensor value_BTKD, int? window = null)
    {
        attention ??= For(query_BTHD);
        return attention.Attend(layer, query_BTHD, key_BTKD, value_BTKD, window);
    }

    /// <summary>Frees what was prepared.</summary>
    public void Dispose() => (attention as IDisposable)?.Dispose();

    private IAttention For(Tensor query_BTHD) =>
        query_BTHD.device_type == TorchSharp.DeviceType.CPU ? new DocumentAttention(segments_BT)
        : FlashAttention.Suits(query_BTHD) ? new FlashAttention(segments_BT)
        : new MaskedAttention(segments_BT);

    /// <summary>Keys or values [B, T, K, D] once for each of their query heads: [B, T, K·groups, D].</summary>
    internal static Tensor Repeat(Tensor x_BTKD, long groups)
    {
        if (groups == 1)
        {
            return x_BTKD;
        }

        var shape = x_BTKD.shape;
        return x_BTKD.unsqueeze(3).expand(shape[0], shape[1], shape[2], groups, shape[3]).flatten(2, 3);
    }
}
