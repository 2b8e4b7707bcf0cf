using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Orca.Model.Network;

/// <summary>A weight's name in Hugging Face's files, and its shape.</summary>
public sealed record ParameterShape(string Name, ImmutableArray<long> Shape)
{
    /// <summary>Number of values.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => checked(product * size));

    /// <summary>The weight scales a norm.</summary>
    public bool IsNorm => Shape.Length == 1;

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

    /// <summary>What the names of all weights of the layers begin with.</summary>
    public const string LayerPrefix = "model.layers.";

    internal const string FinalNormName = "model.norm.weight";

    private LlamaParameters(Tensor embedding_VE, ImmutableArray<LlamaBlock> blocks, RmsNorm finalNorm, ILinear head)
    {
        Embedding_VE = embedding_VE;
        Blocks = blocks;
        FinalNorm = finalNorm;
        Head = head;
    }

    /// <summary>[V, E].</summary>
    internal Tensor Embedding_VE { get; }

    internal ImmutableArray<LlamaBlock> Blocks { get; }

    internal RmsNorm FinalNorm { get; }

    internal ILinear Head { get; }

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
            shapes.AddRange([
                new(block + "input_layernorm.weight", [hidden]),
                new(block + "self_attn.q_proj.weight", [queries, hidden]),
                new(block + "self_attn.k_proj.weight", [keys, hidden]),
                new(block + "self_attn.v_proj.weight", [keys, hidden]),
                new(block + "self_attn.o_proj.weight", [hidden, queries]),
                new(block + "post_attention_layernorm.weight", [hidden]),
                new(block + "mlp.gate_proj.weight", [inner, hidden]),
                new(block + "mlp.up_proj.weight", [inner, hidden]),
                new(block + "mlp.down_proj.weight", [hidden, inner]),
            ]);
        }

        shapes.Add(new(FinalNormName, [hidden]));
        if (!config.TiedEmbeddings)
        {
            shapes.Add(new(HeadName, [config.VocabularySize, hidden]));
        }

        return shapes;
    }

    /// <summary>
    /// Fresh weights: norms are one, embedding and head normal with deviation 0.02, matrices of I inputs normal with deviation
    /// 1/√I, divided by √(2·layers) where they write into the residual stream. The same seed gives the same weights on every device.
    /// </summary>
    /// <remarks>
    /// A deviation of 0.02 everywhere is the same thing at 2,500 inputs, but leaves the attention of a student with 128 of them flat
    /// for its first thousand steps.
    /// </remarks>
    /// <returns>Weights by Hugging Face name; the caller owns them, outside of any dispose scope.</returns>
    public static Dictionary<string, Tensor> Initialize(LlamaConfig config, long seed, ScalarType dtype, Device device)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        var weights = new Dictionary<string, Tensor>();
        foreach (var shape in ShapesOf(config))
        {
            var values = shape.IsNorm
                ? ones(shape.Shape.AsSpan(), ScalarType.Float32)
                : normal(0, Deviation(config, shape), shape.Shape.AsSpan(), ScalarType.Float32, generator: generator);
            weights.Add(shape.Name, values.to(dtype, device).DetachFromDisposeScope());
        }

        return weights;
    }

    private static double Deviation(LlamaConfig config, ParameterShape shape)
    {
        if (shape.Name is EmbeddingName or HeadName)
        {
            return 0.02;
        }

        var kept = 1 / Math.Sqrt(shape.Shape[1]);
        return shape.IsResidualOutput ? kept / Math.Sqrt(2.0 * config.Layers) : kept;
    }

    /// <summary>Puts weights in their places.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="byHuggingFaceName">Gives a weight by its name; borrowed for as long as the parameters are used.</param>
    /// <exception cref="ModelFormatException">A weight has another shape than the configuration says.</exception>
    public static LlamaParameters From(LlamaConfig config, Func<string, Tensor> byHuggingFaceName) =>
        From(config, byHuggingFaceName, (_, weight_OI) => new DenseLinear(weight_OI));

    /// <summary>Puts weights in their places, with projections of the caller's kind.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="byHuggingFaceName">Gives a weight by its name; borrowed for as long as the parameters are used.</param>
    /// <param name="project">Makes the projection of a name from its weight [O, I].</param>
    /// <exception cref="ModelFormatException">A weight has another shape than the configuration says.</exception>
    public static LlamaParameters From(
        LlamaConfig config, Func<string, Tensor> byHuggingFaceName, Func<string, Tensor, ILinear> project)
    {
        var shapes = ShapesOf(config).ToDictionary(shape => shape.Name, shape => shape.Shape);
        var blocks = Enumerable.Range(0, config.Layers).Select(layer => new LlamaBlock(
            Norm(BlockName(layer) + "input_layernorm.weight"),
            Linear(BlockName(layer) + "self_attn.q_proj.weight"),
            Linear(BlockName(layer) + "self_attn.k_proj.weight"),
            Linear(BlockName(layer) + "self_attn.v_proj.weight"),
            Linear(BlockName(layer) + "self_attn.o_proj.weight"),
            Norm(BlockName(layer) + "post_attention_layernorm.weight"),
            Linear(BlockName(layer) + "mlp.gate_proj.weight"),
            Linear(BlockName(layer) + "mlp.up_proj.weight"),
            Linear(BlockName(layer) + "mlp.down_proj.weight")));
        return new LlamaParameters(
            Weight(EmbeddingName), [.. blocks], Norm(FinalNormName), Linear(config.TiedEmbeddings ? EmbeddingName : HeadName));

        Tensor Weight(string name)
        {
            var weight = byHuggingFaceName(name);
            return weight.shape.AsSpan().SequenceEqual(shapes[name].AsSpan())
                ? weight
                : throw new ModelFormatException(
                    $"Weight '{name}' is [{string.Join(", ", weight.shape)}]; the configuration needs [{string.Join(", ", shapes[name])}].");
        }

        RmsNorm Norm(string name) => new(Weight(name), config.RmsNormEpsilon);
        ILinear Linear(string name) => project(name, Weight(name));
    }

    internal static string BlockName(int layer) => FormattableString.Invariant($"{LayerPrefix}{layer}.");
}
