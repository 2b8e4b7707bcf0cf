using System.Collections.Immutable;
using Orca.Model.Inference.Cpu.Machine;
using Orca.Model.Inference.Cpu.Panels;
using Orca.Model.Network;
using Orca.Model.Weights;

namespace Orca.Model.Inference.Cpu;

/// <summary>One block's weights. What has the same inputs is one matrix: queries, keys and values; gate and up.</summary>
internal sealed record CpuBlock(
    NativeBuffer AttentionNorm, StackedWeights Projection, StackedWeights Output, NativeBuffer FeedForwardNorm,
    StackedWeights GateAndUp, StackedWeights Down)
{
    /// <summary>Biases of queries, keys and values, one after another; null: none.</summary>
    public NativeBuffer? ProjectionBias { get; init; }

    /// <summary>Bias of the attention's output; null: none.</summary>
    public NativeBuffer? OutputBias { get; init; }

    /// <summary>Biases of gate and up, one after another; null: none.</summary>
    public NativeBuffer? GateAndUpBias { get; init; }

    /// <summary>Bias of the feed-forward layer's output; null: none.</summary>
    public NativeBuffer? DownBias { get; init; }

    /// <summary>Norm of each head's query; null: none.</summary>
    public NativeBuffer? QueryNorm { get; init; }

    /// <summary>Norm of each head's key; null: none.</summary>
    public NativeBuffer? KeyNorm { get; init; }
}

/// <summary>A model's weights, packed for the processor. Owns them.</summary>
internal sealed class CpuParameters : IDisposable
{
    private readonly List<IDisposable> owned = [];

    private CpuParameters(LlamaConfig config) => Config = config;

    /// <summary>The model's shape.</summary>
    public LlamaConfig Config { get; }

    public EmbeddingRows Embedding { get; private set; } = null!;

    public ImmutableArray<CpuBlock> Blocks { get; private set; } = [];

    public NativeBuffer FinalNorm { get; private set; } = null!;

    public StackedWeights Head { get; private set; } = null!;

    /// <summary>Bytes of everything.</summary>
    public long Bytes => StepBytes + Embedding.Bytes;

    /// <summary>Bytes that a step reads, whatever its tokens.</summary>
    public long StepBytes { get; private set; }

    /// <summary>Packs a model's weights.</summary>
    /// <exception cref="ModelFormatException">They cannot be kept so.</exception>
    public static CpuParameters Pack(
        LlamaConfig config, Func<string, IWeightRows> weights, WeightFormat wanted, int threads, Action<string>? packed = null)
    {
        var parameters = new CpuParameters(config);
        try
        {
            parameters.Read(weights, wanted, threads, packed);
            return parameters;
        }
        catch
        {
            parameters.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in owned)
        {
            part.Dispose();
        }
    }

    private void Read(Func<string, IWeightRows> weights, WeightFormat wanted, int threads, Action<string>? packed)
    {
        Embedding = Packed(Own(new EmbeddingRows(weights(LlamaParameters.EmbeddingName))), LlamaParameters.EmbeddingName);
        var blocks = ImmutableArray.CreateBuilder<CpuBlock>(Config.Layers);
        for (var layer = 0; layer < Config.Layers; layer++)
        {
            var name = LlamaParameters.BlockName(layer);
            blocks.Add(new CpuBlock(
                Norm(name + "input_layernorm.weight"),
                Matrix(name + "self_attn.q_proj.weight", name + "self_attn.k_proj.weight", name + "self_attn.v_proj.weight"),
                Matrix(name + "self_attn.o_proj.weight"),
                Norm(name + "post_attention_layernorm.weight"),
                Matrix(name + "mlp.gate_proj.weight", name + "mlp.up_proj.weight"),
                Matrix(name + "mlp.down_proj.weight"))
            {
                ProjectionBias = Bias(
                    Config.HasQueryKeyValueBias, name + "self_attn.q_proj.bias", name + "self_attn.k_proj.bias",
                    name + "self_attn.v_proj.bias"),
                OutputBias = Bias(Config.HasAttentionOutputBias, name + "self_attn.o_proj.bias"),
                GateAndUpBias = Bias(Config.HasFeedForwardBias, name + "mlp.gate_proj.bias", name + "mlp.up_proj.bias"),
                DownBias = Bias(Config.HasFeedForwardBias, name + "mlp.down_proj.bias"),
                QueryNorm = Config.HasQueryKeyNorms ? Norm(name + LlamaParameters.QueryNormName) : null,
                KeyNorm = Config.HasQueryKeyNorms ? Norm(name + LlamaParameters.KeyNormName) : null,
            });
        }

        Blocks = blocks.MoveToImmutable();
        FinalNorm = Norm(LlamaParameters.FinalNormName);
        Head = Matrix(Config.TiedEmbeddings ? LlamaParameters.EmbeddingName : LlamaParameters.HeadName);
        StepBytes = Blocks.Sum(block => block.Projection.Bytes + block.Output.Bytes + block.GateAndUp.Bytes + block.Down.Bytes)
            + Head.Bytes;

        StackedWeights Matrix(params string[] names) =>
            Packed(Own(StackedWeights.Pack(wanted, [.. names.Select(name => (name, weights(name)))], threads)), names);

        NativeBuffer Norm(string name) => Packed(Own(FloatsOf([weights(name)])), name);

        NativeBuffer? Bias(bool isThere, params string[] names) =>
            isThere ? Packed(Own(FloatsOf([.. names.Select(weights)])), names) : null;

        T Packed<T>(T part, params string[] names)
        {
            foreach (var name in names)
            {
                packed?.Invoke(name);
            }

            return part;
        }
    }

    private T Own<T>(T part)
        where T : IDisposable
    {
        owned.Add(part);
        return part;
    }

    /// <summary>Vectors, one after another.</summary>
    private static unsafe NativeBuffer FloatsOf(ImmutableArray<IWeightRows> vectors)
    {
        var floats = new NativeBuffer(vectors.Sum(vector => (long)vector.Columns) * sizeof(float));
        var next = floats.Floats;
        foreach (var vector in vectors)
        {
            vector.ReadFloats(0, new Span<float>(next, vector.Columns));
            next += vector.Columns;
        }

        return floats;
    }
}
