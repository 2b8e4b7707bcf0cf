using static TorchSharp.torch;

namespace Orca.Model.Network;

// Shapes: B batch, T tokens, E hidden.

/// <summary>
/// One pass of tokens through the network, part by part, for those who keep less than all that it computes. Every result is [B, T, E] in
/// the model's compute type and belongs to the caller's scope. Owned by the model's thread.
/// </summary>
public sealed class LlamaPass : IDisposable
{
    private readonly LlamaModel model;
    private readonly LlamaParameters parameters;
    private readonly Tensor tokens_BT;
    private readonly IAttention attention;
    private readonly Rotation rotation;

    internal LlamaPass(
        LlamaModel model, LlamaParameters parameters, RotaryEmbedding rotary, Tensor tokens_BT, Tensor positions_BT, IAttention attention)
    {
        (this.model, this.parameters, this.tokens_BT, this.attention) = (model, parameters, tokens_BT, attention);
        rotation = rotary.At(positions_BT, attention.PositionLimit).Kept();
    }

    /// <summary>Blocks of the network.</summary>
    public int Layers => parameters.Blocks.Length;

    /// <summary>The tokens' embeddings: what the first block is given.</summary>
    public Tensor Embed() => model.Embed(tokens_BT);

    /// <summary>A block's first half: attention around its residual.</summary>
    public Tensor Attend(int layer, Tensor hidden_BTE) =>
        parameters.Blocks[layer].Attended(layer, model.Config.HeadDim, hidden_BTE, rotation, attention);

    /// <summary>A block's second half: the feed-forward layer around its residual.</summary>
    public Tensor FeedForward(int layer, Tensor middle_BTE) => parameters.Blocks[layer].Fed(middle_BTE);

    /// <summary>The final norm of what the last block gives.</summary>
    public Tensor Norm(Tensor hidden_BTE) => parameters.FinalNorm.Forward(hidden_BTE);

    /// <summary>All parts, one after another: the hidden states behind the final norm.</summary>
    public Tensor Hidden()
    {
        using var scope = NewDisposeScope();
        var hidden_BTE = Embed();
        for (var layer = 0; layer < Layers; layer++)
        {
            using var before = hidden_BTE;
            using var middle_BTE = Attend(layer, before);
            hidden_BTE = FeedForward(layer, middle_BTE);
        }

        return Norm(hidden_BTE).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => rotation.Dispose();
}
