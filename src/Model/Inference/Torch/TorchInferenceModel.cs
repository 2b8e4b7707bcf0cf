using System.Runtime.InteropServices;
using Orca.Model.Caching;
using Orca.Model.Checkpoints;
using Orca.Model.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Model.Inference.Torch;

// B rows of a group, T tokens of its longest row, E hidden, L rows of logits the group gives, V vocabulary.

/// <summary>
/// A student computed by libtorch, on the CPU or a CUDA device. Its sequences lie in one piece, so a block has room for the
/// whole context. What libtorch sums up depends on the shape of the step: the last digits of a row's logits may differ with
/// its neighbours.
/// </summary>
public sealed class TorchInferenceModel : IInferenceModel
{
    private readonly LlamaModel network;
    private readonly IDisposable owner;
    private readonly int? threads;
    private bool hasThreads;
    private float[] buffer = [];

    /// <param name="network">The network.</param>
    /// <param name="owner">Frees the network, and what weights were made for it.</param>
    /// <param name="threads">Threads of each operation; null leaves the process's setting alone.</param>
    public TorchInferenceModel(LlamaModel network, IDisposable owner, int? threads = null)
    {
        (this.network, this.owner, this.threads) = (network, owner, threads);
        var (config, size) = (network.Config, SizeOf(network.Compute));
        WeightBytes = config.ParameterCount * size;
        var embedding = (long)config.VocabularySize * config.HiddenSize * size;
        StepBytes = config.TiedEmbeddings ? WeightBytes : WeightBytes - embedding;
        CacheBytesPerToken = 2L * config.Layers * config.KvHeads * config.HeadDim * size;
    }

    /// <inheritdoc/>
    public LlamaConfig Config => network.Config;

    /// <inheritdoc/>
    public long WeightBytes { get; }

    /// <inheritdoc/>
    public long StepBytes { get; }

    /// <inheritdoc/>
    public long CacheBytesPerToken { get; }

    /// <summary>Makes a checkpoint's student ready; dispose it before the checkpoint.</summary>
    /// <exception cref="ModelFormatException">Its weights cannot be kept as the options ask.</exception>
    public static TorchInferenceModel Load(Checkpoint checkpoint, InferenceOptions options)
    {
        var loaded = checkpoint.LoadModel(ComputeOf(checkpoint, options.Weights), device(options.Device));
        return new TorchInferenceModel(loaded.Network, loaded, options.Threads);
    }

    /// <summary>Makes a student of random weights, on its device.</summary>
    /// <exception cref="ModelFormatException">libtorch keeps no weights as the options ask.</exception>
    public static TorchInferenceModel Random(LlamaConfig config, InferenceOptions options)
    {
        var compute = options.Weights switch
        {
            WeightFormat.Fp32 => ScalarType.Float32,
            WeightFormat.Bf16 or WeightFormat.AsStored => ScalarType.BFloat16,
            _ => throw new ModelFormatException($"libtorch keeps weights in fp32 or bf16, not in {options.Weights}; ask for one of these."),
        };
        var random = new RandomNetwork(config, compute, device(options.Device));
        return new TorchInferenceModel(random.Network, random, options.Threads);
    }

    /// <inheritdoc/>
    public int BlockTokens(int contextTokens) => contextTokens;

    /// <inheritdoc/>
    public IKeyValueStore CreateStore(int blocks, int blockTokens) =>
        new TorchKeyValueStore(Config, new KvCache(Config, blocks, blockTokens, network.Compute, network.Device));

    /// <inheritdoc/>
    public bool CanUse(IKeyValueStore store) =>
        store is TorchKeyValueStore own && own.Config == Config
        && own.Cache.Dtype == network.Compute && own.Cache.Device.ToString() == network.Device.ToString();

    /// <inheritdoc/>
    public void Run(IKeyValueStore store, ReadOnlySpan<InferenceRow> rows, Span<float> logits_RV)
    {
        using var inference = inference_mode();
        if (threads is { } count && !hasThreads)
        {
            // The setting belongs to the calling thread, so not in the constructor.
            set_num_threads(count);
            hasThreads = true;
        }

        foreach (var group in RowGroups.Of(rows))
        {
            Run(((TorchKeyValueStore)store).Cache, rows, group, logits_RV);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => owner.Dispose();

    private static ScalarType ComputeOf(Checkpoint checkpoint, WeightFormat format) => format switch
    {
        WeightFormat.Fp32 => ScalarType.Float32,
        WeightFormat.Bf16 => ScalarType.BFloat16,
        WeightFormat.AsStored => checkpoint.Config.WeightType ?? ScalarType.Float32,
        _ => throw new ModelFormatException(
            $"'{checkpoint.Folder}': libtorch keeps weights in fp32 or bf16, not in {format}; ask for one of these."),
    };

    private static int SizeOf(ScalarType type) => type switch
    {
        ScalarType.Float64 => sizeof(double),
        ScalarType.Float32 => sizeof(float),
        _ => sizeof(ushort),
    };

    private void Run(KvCache cache, ReadOnlySpan<InferenceRow> rows, int[] group, Span<float> logits_RV)
    {
        using var scope = NewDisposeScope();
        var width = 0;
        var cached = new CacheRow[group.Length];
        for (var b = 0; b < group.Length; b++)
        {
            var row = rows[group[b]];
            cached[b] = new CacheRow(row.Blocks.Span[0], row.Start, row.Tokens.Length);
            width = Math.Max(width, row.Tokens.Length);
        }

        using var attention = new CachedAttention(cache, cached);
        var (tokens_BT, positions_BT) = Inputs(rows, group, width);
        var hidden_BTE = network.Hidden(tokens_BT, positions_BT, attention);
        var wanted = WantedTokens(rows, group, width);
        if (wanted.Length > 0)
        {
            Give(hidden_BTE, wanted, rows, group, logits_RV);
        }
    }

    /// <summary>Left-aligned and padded with token 0 at position 0, which nothing looks at.</summary>
    private (Tensor Tokens_BT, Tensor Positions_BT) Inputs(ReadOnlySpan<InferenceRow> rows, int[] group, int width)
    {
        var tokens = new long[group.Length * width];
        var positions = new long[tokens.Length];
        for (var b = 0; b < group.Length; b++)
        {
            var row = rows[group[b]];
            for (var t = 0; t < row.Tokens.Length; t++)
            {
                tokens[(b * width) + t] = row.Tokens.Span[t];
                positions[(b * width) + t] = row.Start + t;
            }
        }

        long[] shape = [group.Length, width];
        return (tensor(tokens, shape, device: network.Device), tensor(positions, shape, device: network.Device));
    }

    /// <summary>The tokens that give logits, counted over the padded group.</summary>
    private static long[] WantedTokens(ReadOnlySpan<InferenceRow> rows, int[] group, int width)
    {
        var wanted = new List<long>();
        for (var b = 0; b < group.Length; b++)
        {
            var row = rows[group[b]];
            for (var t = row.Tokens.Length - row.LogitCount; t < row.Tokens.Length; t++)
            {
                wanted.Add((b * width) + t);
            }
        }

        return [.. wanted];
    }

    /// <summary>Computes the logits of some tokens and puts each row's where its caller looks for them.</summary>
    private void Give(Tensor hidden_BTE, long[] wanted, ReadOnlySpan<InferenceRow> rows, int[] group, Span<float> logits_RV)
    {
        var vocabulary = Config.VocabularySize;
        var hidden_NE = hidden_BTE.reshape(-1, Config.HiddenSize);
        var hidden_LE = wanted.Length == hidden_NE.shape[0] ? hidden_NE : hidden_NE.index_select(0, tensor(wanted, device: network.Device));
        var logits_LV = network.Logits(hidden_LE).to(ScalarType.Float32).cpu().contiguous();
        if (buffer.Length < wanted.Length * vocabulary)
        {
            buffer = new float[wanted.Length * vocabulary];
        }

        // As bytes, in one piece: TorchSharp's own accessor copies element by element.
        MemoryMarshal.Cast<byte, float>(logits_LV.bytes).CopyTo(buffer);
        var next = 0;
        foreach (var r in group)
        {
            var count = rows[r].LogitCount * vocabulary;
            buffer.AsSpan(next, count).CopyTo(logits_RV.Slice(FirstLogits(rows, r) * vocabulary, count));
            next += count;
        }
    }

    private static int FirstLogits(ReadOnlySpan<InferenceRow> rows, int row)
    {
        var before = 0;
        foreach (var earlier in rows[..row])
        {
            before += earlier.LogitCount;
        }

        return before;
    }
}
