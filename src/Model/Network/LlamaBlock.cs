using Orca.Model.Native;
using static TorchSharp.torch;

namespace Orca.Model.Network;

// Shapes: B batch, T tokens, E hidden, H heads, K key/value heads, D head dimension, F feed-forward.

/// <summary>One block: attention, then a gated feed-forward layer, each around a residual.</summary>
internal sealed record LlamaBlock(
    RmsNorm AttentionNorm,
    ILinear Query,
    ILinear Key,
    ILinear Value,
    ILinear Output,
    RmsNorm FeedForwardNorm,
    ILinear Gate,
    ILinear Up,
    ILinear Down)
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
        var query_BTHD = rotation.Turn(Normed(QueryNorm, Query.Forward(normed_BTE).view(heads)));
        var key_BTKD = rotation.Turn(Normed(KeyNorm, Key.Forward(normed_BTE).view(heads)));
        var value_BTKD = Value.Forward(normed_BTE).view(heads);
        return Output.Forward(attention.Attend(layer, query_BTHD, key_BTKD, value_BTKD, Window).flatten(2));
    }

    private static Tensor Normed(RmsNorm? norm, Tensor x) => norm?.Forward(x) ?? x;

    private Tensor FeedForward(Tensor normed_BTE) =>
        Down.Forward(nn.functional.silu(Gate.Forward(normed_BTE)) * Up.Forward(normed_BTE));
}
