using System.Collections.Immutable;
using Orca.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Model.Network;

/// <summary>A weight's name in Hugging Face's files, and its shape.</summary>
public sealed record ParameterShape(string Name, ImmutableArray<long> Shape)
{
    /// <summary>Number of values.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => checked(product * size));

    /// <summary>The weight scales a norm or is a bias.</summary>
    public bool IsVector => Shape.Length == 1;

    /// <summary>The weight is added to what a projection gives.</summary>
    public bool IsBias => Name.EndsWith(".bias", StringComparison.Ordinal);

    /// <summary>The weight writes into the residual stream.</summary>
    public bool IsResidualOutput => Name.EndsWith("o_proj.weight", StringComparison.Ordinal)
        || Name.EndsWith("down_proj.weight", StringComparison.Ordinal);
}

/// <summary>A model's weights, in the places where the network uses them. All tensors are borrowed.</summary>
public sealed class LlamaParameters
{
    /// <summary>Name of the embedding, which is the output projection too where they are tied.</summary>
    public const string EmbeddingName = "model.embed_tokens.weight";

    /// <summary>Name of the output projection of an untied model.</summary>
    public const string HeadName = "lm_head.weight";

    /// <summary>Name of the weight that the head multiplies by: the embedding's where they are tied.</summary>
    public static string HeadNameOf(LlamaConfig config) => config.TiedEmbeddings ? EmbeddingName : HeadName;

    /// <summary>What the names of all weights of the layers begin with.</summary>
    public const string LayerPrefix = "model.layers.";

    internal const string FinalNormName = "model.norm.weight";

    /// <summary>Name within a block of the norm of queries.</summary>
    internal const string QueryNormName = "self_attn.q_norm.weight";

    /// <summary>Name within a block of the norm of keys.</summary>
    internal const string KeyNormName = "self_attn.k_norm.weight";

    private LlamaParameters(
        INetworkOperators operators, Tensor embedding_VE, ImmutableArray<LlamaBlock> blocks, RmsNorm finalNorm, ILinears head)
    {
        Operators = operators;
        Embedding_VE = embedding_VE;
        Blocks = blocks;
        FinalNorm = finalNorm;
        Head = head;
    }

    /// <summary>What computes with them.</summary>
    internal INetworkOperators Operators { get; }

    /// <summary>[V, E].</summary>
    internal Tensor Embedding_VE { get; }

    internal ImmutableArray<LlamaBlock> Blocks { get; }

    internal RmsNorm FinalNorm { get; }

    internal ILinears Head { get; }

    /// <summary>Every weight of the model, in the order of Hugging Face's files.</summary>
    public static IReadOnlyList<ParameterShape> ShapesOf(LlamaConfig config)
    {
        long hidden = config.HiddenSize, inner = config.IntermediateSize;
        var queries = (long)config.Heads * config.HeadDim;
        var keys = (long)config.KvHeads * config.HeadDim;
        List<ParameterShape> shapes = [new(EmbeddingName, [config.VocabularySize, hidden])];
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var block = BlockName(layer);
            shapes.Add(new(block + "input_layernorm.weight", [hidden]));
            Projection(block + "self_attn.q_proj", queries, hidden, config.HasQueryKeyValueBias);
            Projection(block + "self_attn.k_proj", keys, hidden, config.HasQueryKeyValueBias);
            Projection(block + "self_attn.v_proj", keys, hidden, config.HasQueryKeyValueBias);
            Projection(block + "self_attn.o_proj", hidden, queries, config.HasAttentionOutputBias);
            if (config.HasQueryKeyNorms)
            {
                shapes.Add(new(block + QueryNormName, [config.HeadDim]));
                shapes.Add(new(block + KeyNormName, [config.HeadDim]));
            }

            shapes.Add(new(block + "post_attention_layernorm.weight", [hidden]));
            Projection(block + "mlp.gate_proj", inner, hidden, config.HasFeedForwardBias);
            Projection(block + "mlp.up_proj", inner, hidden, config.HasFeedForwardBias);
            Projection(block + "mlp.down_proj", hidden, inner, config.HasFeedForwardBias);
        }

        shapes.Add(new(FinalNormName, [hidden]));
        if (!config.TiedEmbeddings)
        {
            shapes.Add(new(HeadName, [config.VocabularySize, hidden]));
        }

        return shapes;

        void Projection(string name, long outputs, long inputs, bool hasBias)
        {
            shapes.Add(new(name + ".weight", [outputs, inputs]));
            if (hasBias)
            {
                shapes.Add(new(name + ".bias", [outputs]));
            }
        }
    }

    /// <summary>
    /// Fresh weights: norms are one, biases zero, matrices of I inputs normal with deviation 1/√I, divided by √(2·layers) where they
    /// write into the residual stream; the head normal with deviation 0.02; the embedding with 1, or with 1/√E where it is the head too.
    /// The same seed gives the same weights on every device.
    /// </summary>
    /// <remarks>
    /// A deviation of 0.02 everywhere is the same thing at 2,500 inputs, but leaves the attention of a student with 128 of them flat
    /// for its first thousand steps; and what the first layers write drowns which token it is, so that nothing is found by its name.
    /// </remarks>
    /// <returns>Weights by Hugging Face name; the caller owns them, outside of any dispose scope.</returns>
    public static Dictionary<string, Tensor> Initialize(LlamaConfig config, long seed, ScalarType dtype, Device device)
    {
        var weights = new Dictionary<string, Tensor>();
        Initialize(config, seed, (name, weight) => weights.Add(name, weight.to(dtype, device).DetachFromDisposeScope()));
        return weights;
    }

    /// <summary>The same weights one after another, so that no more than the largest is there beside those that are kept.</summary>
    /// <param name="config">The shape.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="take">Given each weight's name and its values in float32 on the processor, borrowed for the call.</param>
    public static void Initialize(LlamaConfig config, long seed, Action<string, Tensor> take)
    {
        using var generator = new Generator((ulong)seed);
        foreach (var shape in ShapesOf(config))
        {
            using var scope = NewDisposeScope();
            take(shape.Name, shape.IsBias ? zeros(shape.Shape.AsSpan(), ScalarType.Float32)
                : shape.IsVector ? ones(shape.Shape.AsSpan(), ScalarType.Float32)
                : Normal(shape, Deviation(config, shape), generator));
        }
    }

    // TorchSharp's own "normal" gives its operators numbers that nothing holds meanwhile: see TensorNumbers.
    private static Tensor Normal(ParameterShape shape, double deviation, Generator generator) =>
        randn(shape.Shape.AsSpan(), ScalarType.Float32, generator: generator).Times_(deviation);

    private static double Deviation(LlamaConfig config, ParameterShape shape)
    {
        if (shape.Name is HeadName)
        {
            return 0.02;
        }

        if (shape.Name is EmbeddingName && !config.TiedEmbeddings)
        {
            return 1;
        }

        // Of a tied embedding too: as the head it has E inputs.
        var kept = 1 / Math.Sqrt(shape.Shape[1]);
        return shape.IsResidualOutput ? kept / Math.Sqrt(2.0 * config.Layers) : kept;
    }

    /// <summary>Puts weights in their places.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="byHuggingFaceName">Gives a weight by its name; borrowed for as long as the parameters are used.</param>
    /// <param name="operators">What computes with them; null: libtorch.</param>
    /// <param name="around">
    /// Gives what takes the place of a layer's projections of one input, by their names without <c>.weight</c>; null: they themselves.
    /// </param>
    /// <exception cref="ModelFormatException">A weight has another shape than the configuration says.</exception>
    public static LlamaParameters From(
        LlamaConfig config, Func<string, Tensor> byHuggingFaceName, INetworkOperators? operators = null,
        Func<IReadOnlyList<string>, ILinears, ILinears>? around = null)
    {
        operators ??= new TorchOperators();
        var shapes = ShapesOf(config).ToDictionary(shape => shape.Name, shape => shape.Shape);
        var blocks = Enumerable.Range(0, config.Layers).Select(layer => new LlamaBlock(
            operators,
            Norm(BlockName(layer) + "input_layernorm.weight"),
            Linears(layer, "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
            Linears(layer, "self_attn.o_proj"),
            Norm(BlockName(layer) + "post_attention_layernorm.weight"),
            Linears(layer, "mlp.gate_proj", "mlp.up_proj"),
            Linears(layer, "mlp.down_proj"))
        {
            QueryNorm = config.HasQueryKeyNorms ? Norm(BlockName(layer) + QueryNormName) : null,
            KeyNorm = config.HasQueryKeyNorms ? Norm(BlockName(layer) + KeyNormName) : null,
            Window = config.WindowOf(layer),
        });
        return new LlamaParameters(
            operators, Weight(EmbeddingName), [.. blocks], Norm(FinalNormName),
            operators.Linears([new LinearWeights(Weight(HeadNameOf(config)))], isReused: true));

        Tensor Weight(string name)
        {
            var weight = byHuggingFaceName(name);
            return weight.shape.AsSpan().SequenceEqual(shapes[name].AsSpan())
                ? weight
                : throw new ModelFormatException(
                    $"Weight '{name}' is [{string.Join(", ", weight.shape)}]; the configuration needs "
                        + $"[{string.Join(", ", shapes[name])}].");
        }

        RmsNorm Norm(string name) => new(operators, Weight(name), config.RmsNormEpsilon);
        ILinears Linears(int layer, params string[] names)
        {
            string[] projections = [.. names.Select(name => BlockName(layer) + name)];
            var linears = operators.Linears([.. projections.Select(WeightsOf)]);
            return around?.Invoke(projections, linears) ?? linears;
        }

        LinearWeights WeightsOf(string name) =>
            new(Weight(name + ".weight"), shapes.ContainsKey(name + ".bias") ? Weight(name + ".bias") : null);
    }

    internal static string BlockName(int layer) => FormattableString.Invariant($"{LayerPrefix}{layer}.");
}
