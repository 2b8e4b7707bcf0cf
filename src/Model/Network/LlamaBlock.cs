using Orca.Model.Native;
using static TorchSharp.torch;

namespace Orca.Model.Network;

// Shapes: B batch, T tokens, E hidden, H heads, K key/value heads, D head dimension, F feed-forward.

/// <summary>One block: attention, then a gated feed-forward layer, each around a residual.</summary>
internal sealed record LlamaBlock(
    INetworkOperators Operators,
    RmsNorm AttentionNorm,
    ILinears QueryKeyValue,
    ILinears Output,
    RmsNorm FeedForwardNorm,
    ILinears GateUp,
    ILinears Down)
{
    /// <summary>Norms the queries of each head before they are rotated, over D; null: they stay as they are.</summary>
    public RmsNorm? QueryNorm { get; init; }

    /// <summary>Norms the keys of each head before they are rotated, over D; null: they stay as they are.</summary>
    public RmsNorm? KeyNorm { get; init; }

    /// <summary>How many of the last tokens a token sees, itself included; null: all.</summary>
    public int? Window { get; init; }

    /// <summary>The first half, attention: [B, T, E] to [B, T, E]; the caller's scope owns the result.</summary>
    public Tensor Attended(int layer, int headDim, Tensor hidden_BTE, Rotation rotation, IAttention attention)
    {
        using var scope = NewDisposeScope();
        var attended_BTE = Attend(layer, headDim, AttentionNorm.Forward(hidden_BTE), rotation, attention);
        return hidden_BTE.Plus(attended_BTE).MoveToOuterDisposeScope();
    }

    /// <summary>The second half, the feed-forward layer: [B, T, E] to [B, T, E]; the caller's scope owns the result.</summary>
    public Tensor Fed(Tensor middle_BTE)
    {
        using var scope = NewDisposeScope();
        var fed_BTE = FeedForward(FeedForwardNorm.Forward(middle_BTE));
        return middle_BTE.Plus(fed_BTE).MoveToOuterDisposeScope();
    }

    private Tensor Attend(int layer, int headDim, Tensor normed_BTE, Rotation rotation, IAttention attention)
    {
        long[] heads = [normed_BTE.shape[0], normed_BTE.shape[1], -1, headDim];
        var projected = QueryKeyValue.Forward(normed_BTE);
        var query_BTHD = Turned(Normed(QueryNorm, projected[0].view(heads)), rotation);
        var key_BTKD = Turned(Normed(KeyNorm, projected[1].view(heads)), rotation);
        var value_BTKD = projected[2].view(heads);
        return Output.Forward(attention.Attend(layer, query_BTHD, key_BTKD, value_BTKD, Window).flatten(2))[0];
    }

    private Tensor Turned(Tensor x_BTHD, Rotation rotation) => Operators.Turn(x_BTHD, rotation.Cosine_BT1D, rotation.Sine_BT1D);

    private static Tensor Normed(RmsNorm? norm, Tensor x) => norm?.Forward(x) ?? x;

    private Tensor FeedForward(Tensor normed_BTE)
    {
        var projected = GateUp.Forward(normed_BTE);
        return Down.Forward(Operators.GatedSilu(projected[0], projected[1]))[0];
    }
}
