using static TorchSharp.torch;

namespace Orca.Model.Network;

// Shapes: B batch, T tokens, E hidden, V vocabulary.

/// <summary>
/// The network, written once: differentiable where its parameters are, and as good for cached decoding. Owned by one
/// thread. The parameters are borrowed; disposing frees the rotary tables alone.
/// </summary>
public sealed class LlamaModel : IDisposable
{
    private readonly LlamaParameters parameters;
    private readonly RotaryEmbedding rotary;

    /// <param name="config">The model's shape.</param>
    /// <param name="parameters">Its weights, all on one device.</param>
    /// <param name="compute">
    /// dtype of the hidden states; by default that of the embedding. Weights of another dtype are cast at each use, so
    /// fp32 masters that require gradients train in bf16 and get fp32 gradients.
    /// </param>
    public LlamaModel(LlamaConfig config, LlamaParameters parameters, ScalarType? compute = null)
    {
        Config = config;
        Compute = compute ?? parameters.Embedding_VE.dtype;
        this.parameters = parameters;
        rotary = new RotaryEmbedding(config, Compute);
    }

    /// <summary>The model's shape.</summary>
    public LlamaConfig Config { get; }

    /// <summary>dtype of hidden states, keys, values and logits.</summary>
    public ScalarType Compute { get; }

    /// <summary>Device of the weights.</summary>
    public Device Device => parameters.Embedding_VE.device;

    /// <summary>Attention over rows of packed documents, by what computes the network; the caller disposes it.</summary>
    /// <param name="segments_BT">As for <see cref="INetworkOperators.Attention"/>.</param>
    public IPackedAttention Attention(Tensor segments_BT) => parameters.Operators.Attention(segments_BT);

    /// <summary>Runs all blocks and the final norm.</summary>
    /// <param name="tokens_BT">int64, each below the vocabulary's size.</param>
    /// <param name="positions_BT">int64, each below <see cref="IAttention.PositionLimit"/>.</param>
    /// <param name="attention">Which token sees which.</param>
    /// <returns>[B, T, E] in <see cref="Compute"/>; the caller's scope owns it.</returns>
    public Tensor Hidden(Tensor tokens_BT, Tensor positions_BT, IAttention attention)
    {
        using var pass = Pass(tokens_BT, positions_BT, attention);
        return pass.Hidden();
    }

    /// <summary>A pass part by part, for those who keep less than all that it computes.</summary>
    /// <param name="tokens_BT">As for <see cref="Hidden"/>; borrowed until the pass is disposed.</param>
    /// <param name="positions_BT">As for <see cref="Hidden"/>.</param>
    /// <param name="attention">Which token sees which; borrowed likewise.</param>
    public LlamaPass Pass(Tensor tokens_BT, Tensor positions_BT, IAttention attention) =>
        new(this, parameters, rotary, tokens_BT, positions_BT, attention);

    /// <summary>Scores of every next token.</summary>
    /// <param name="hidden">[..., E], as <see cref="Hidden"/> gives them, or chosen rows of it.</param>
    /// <returns>[..., V] in <see cref="Compute"/>; the caller's scope owns it.</returns>
    public Tensor Logits(Tensor hidden) => parameters.Head.Forward(hidden)[0];

    /// <inheritdoc/>
    public void Dispose() => rotary.Dispose();

    /// <summary>[B, T] int64 to [B, T, E]; the caller's scope owns the result.</summary>
    internal Tensor Embed(Tensor tokens_BT)
    {
        var hidden_BTE = parameters.Operators.Embed(parameters.Embedding_VE, tokens_BT);
        return hidden_BTE.dtype == Compute ? hidden_BTE : hidden_BTE.to_type(Compute);
    }
}
