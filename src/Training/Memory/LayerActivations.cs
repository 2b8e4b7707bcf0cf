using Orca.Model.Network;
using Orca.Training.Activations;
using Orca.Training.Parameters;

namespace Orca.Training.Memory;

/// <summary>
/// What a token keeps between the forward and the backward pass: of every layer what is not computed again, and of one layer, that which
/// the backward pass is at, all.
/// </summary>
internal sealed class LayerActivations(LlamaConfig config, TrainerOptions options)
{
    private readonly long hidden = config.HiddenSize;
    private readonly long inner = config.IntermediateSize;
    private readonly long queries = (long)config.Heads * config.HeadDim;
    private readonly long keys = (long)config.KvHeads * config.HeadDim;
    private readonly bool gathers = options.Device == "cpu" && ProductChoice.Of(options) == ProductKernels.Libtorch;
    private readonly long each = options.ParameterForms.Compute == ComputeType.Float32 ? sizeof(float) : sizeof(short);

    /// <summary>Bytes.</summary>
    public long BytesPerToken
    {
        get
        {
            var kept = options.Recompute switch
            {
                Recompute.Full => 0,
                Recompute.Selective => AttentionHalf,
                _ => AttentionHalf + FeedForwardHalf,
            };

            // Every layer's input, the slope that comes back, and twice the feed-forward layer's slopes at work; with adapters three times.
            var slopes = (options.Lora.IsOn ? 3 : 2) * inner * each;
            return (config.Layers * ((hidden * each) + kept)) + (AttentionHalf + FeedForwardHalf - kept) + slopes;
        }
    }

    // The norm's result; queries and keys turned, values, what attention gives and what its output is made of. On the processor libtorch's
    // attention takes documents of like length together, in float32, each key head once for each of its query heads.
    private long AttentionHalf => ((hidden + (2 * queries) + (2 * keys) + AdaptersOf("self_attn")) * each)
        + (gathers ? 2 * sizeof(float) * (queries + (config.Heads == config.KvHeads ? keys : queries)) : 0);

    // The half's input, the norm's result, both projections, the activation and its product.
    private long FeedForwardHalf => ((2 * hidden) + (4 * inner) + AdaptersOf("mlp")) * each;

    // Of each adapter of a half, what A gives.
    private long AdaptersOf(string half) => options.Lora.Rank
        * LlamaParameters.ShapesOf(config with { Layers = 1 })
            .Count(shape => shape.Name.Contains($".{half}.", StringComparison.Ordinal) && options.Lora.Adapts(shape.Name));
}
