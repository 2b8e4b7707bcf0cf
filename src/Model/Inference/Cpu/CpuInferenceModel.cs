using System.Collections.Immutable;
using Orca.Model.Checkpoints;
using Orca.Model.Inference.Cpu.Kernels;
using Orca.Model.Inference.Cpu.Machine;
using Orca.Model.Inference.Cpu.Panels;
using Orca.Model.Network;
using Orca.Model.Weights;

namespace Orca.Model.Inference.Cpu;

/// <summary>
/// A student computed on the processor by kernels of our own, over weights of 32, 16, 8 or 4 bits. Every sum is taken in
/// one order, whatever the step: a row's logits are the same to the bit whoever shares the step with it. A step allocates
/// nothing, once one of its size has been seen.
/// </summary>
public sealed unsafe class CpuInferenceModel : IInferenceModel
{
    private readonly CpuParameters parameters;
    private readonly CacheFormat cacheFormat;
    private readonly WorkerPool pool;
    private readonly RotaryTable rotary;
    private readonly StepBuffers buffers;
    private readonly StepPlan plan = new();

    private CpuInferenceModel(CpuParameters parameters, CacheFormat cacheFormat, WorkerPool pool)
    {
        (this.parameters, this.pool) = (parameters, pool);
        this.cacheFormat = cacheFormat != CacheFormat.Auto ? cacheFormat
            : parameters.Blocks[0].Projection.Formats.Contains(PanelFormat.Fp32) ? CacheFormat.Fp32 : CacheFormat.Bf16;
        CacheBytesPerToken = new CacheLayout(Config, 1, this.cacheFormat).BlockBytes * Config.Layers / CpuKeyValueStore.Tokens;
        rotary = new RotaryTable(Config);
        buffers = new StepBuffers(parameters, pool.Threads);
    }

    /// <inheritdoc/>
    public LlamaConfig Config => parameters.Config;

    /// <inheritdoc/>
    public long WeightBytes => parameters.Bytes;

    /// <inheritdoc/>
    public long StepBytes => parameters.StepBytes;

    /// <inheritdoc/>
    public long CacheBytesPerToken { get; }

    /// <inheritdoc/>
    public bool IsBatchInvariant => true;

    /// <summary>Threads of a step.</summary>
    public int Threads => pool.Threads;

    /// <summary>Packs a model's weights; nothing of the source is needed afterwards.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="weights">Gives a weight by its Hugging Face name; read by several threads at once.</param>
    /// <param name="options">What to keep it in; the device is not looked at.</param>
    /// <param name="packed">Told the name of each weight that is not needed any more, unless it is asked for again.</param>
    /// <exception cref="ModelFormatException">The weights cannot be kept so.</exception>
    public static CpuInferenceModel Load(
        LlamaConfig config, Func<string, IWeightRows> weights, InferenceOptions options, Action<string>? packed = null)
    {
        var pool = new WorkerPool(options.Threads ?? Environment.ProcessorCount, options.IsBeside);
        CpuParameters? parameters = null;
        try
        {
            parameters = CpuParameters.Pack(config, weights, options.Weights, options.IsBeside ? 1 : pool.Threads, packed);
            return new CpuInferenceModel(parameters, options.Cache, pool);
        }
        catch
        {
            parameters?.Dispose();
            pool.Dispose();
            throw;
        }
    }

    /// <summary>Measures how fast products with the layers' weights are at most, on as many threads as a step has.</summary>
    public KernelRate MeasureProducts() => KernelRate.Measure(parameters.Blocks[0].Projection.Formats.First(), pool.Threads);

    /// <inheritdoc/>
    public int BlockTokens(int contextTokens) => CpuKeyValueStore.Tokens;

    /// <inheritdoc/>
    public IKeyValueStore CreateStore(int blocks, int blockTokens)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(blockTokens, CpuKeyValueStore.Tokens);
        return new CpuKeyValueStore(Config, blocks, cacheFormat);
    }

    /// <inheritdoc/>
    public bool CanUse(IKeyValueStore store) => store is CpuKeyValueStore own && own.Config == Config && own.Format == cacheFormat;

    /// <inheritdoc/>
    public void Run(IKeyValueStore store, ReadOnlySpan<InferenceRow> rows, Span<float> logits_RV)
    {
        var cache = (CpuKeyValueStore)store;
        plan.Read(rows, Config, cache.Blocks);
        buffers.Reserve(plan.Tokens.Count);
        rotary.Reach(plan.Reach);
        Embed();
        for (var layer = 0; layer < parameters.Blocks.Length; layer++)
        {
            Attend(layer, parameters.Blocks[layer], cache.Layout);
            FeedForward(parameters.Blocks[layer]);
        }

        Project(logits_RV);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        pool.Dispose();
        parameters.Dispose();
        rotary.Dispose();
        buffers.Dispose();
        plan.Dispose();
    }

    private void Embed()
    {
        for (var token = 0; token < plan.Tokens.Count; token++)
        {
            parameters.Embedding.Read(plan.TokenIds[token], buffers.Hidden + (token * buffers.HiddenStride));
        }
    }

    private void Attend(int layer, CpuBlock block, CacheLayout cache)
    {
        Multiply(Normed(block.AttentionNorm), plan.Tokens.Count, block.Projection, buffers.Wide, buffers.WideStride, adds: false);
        pool.Run(
            new RotateAndStore
            {
                Cache = cache,
                Tokens = plan.Tokens,
                Projected = buffers.Wide,
                Stride = buffers.WideStride,
                Rotary = rotary.Data,
                Bias = Values(block.ProjectionBias),
                QueryNorm = Values(block.QueryNorm),
                KeyNorm = Values(block.KeyNorm),
                Epsilon = (float)Config.RmsNormEpsilon,
                Layer = layer,
                Heads = Config.Heads,
            },
            (plan.Tokens.Count + RotateAndStore.TokensOfPart - 1) / RotateAndStore.TokensOfPart);
        pool.Run(
            new Attention
            {
                Cache = cache,
                Kernel = TileKernels.ForCache(cache.Panel),
                Tokens = plan.Tokens,
                FirstParts = plan.FirstParts,
                Projected = buffers.Wide,
                Stride = buffers.WideStride,
                Outputs = buffers.Attended,
                OutputStride = buffers.AttendedStride,
                Scratch = buffers.AttentionScratch,
                Layer = layer,
                Heads = Config.Heads,
                Window = Config.WindowOf(layer) ?? int.MaxValue,
            },
            plan.AttentionParts);
        var attended = new PlainRows { Values = buffers.Attended, Stride = buffers.AttendedStride, Size = Config.Heads * Config.HeadDim };
        Multiply(attended, plan.Tokens.Count, block.Output, buffers.Hidden, buffers.HiddenStride, adds: true);
        AddToHidden(block.OutputBias);
    }

    private void FeedForward(CpuBlock block)
    {
        Multiply(Normed(block.FeedForwardNorm), plan.Tokens.Count, block.GateAndUp, buffers.Wide, buffers.WideStride, adds: false);
        var gated = new GatedRows
        {
            GatesAndUps = buffers.Wide,
            Stride = buffers.WideStride,
            Bias = Values(block.GateAndUpBias),
            Size = Config.IntermediateSize,
        };
        Multiply(gated, plan.Tokens.Count, block.Down, buffers.Hidden, buffers.HiddenStride, adds: true);
        AddToHidden(block.DownBias);
    }

    private void AddToHidden(NativeBuffer? bias)
    {
        for (var token = 0; bias is not null && token < plan.Tokens.Count; token++)
        {
            VectorMath.Add(buffers.Hidden + (token * buffers.HiddenStride), bias.Floats, Config.HiddenSize);
        }
    }

    private static float* Values(NativeBuffer? vector) => vector is null ? null : vector.Floats;

    /// <summary>Computes the logits asked for, some rows at a time, so that a scored prompt needs little memory.</summary>
    private void Project(Span<float> logits_RV)
    {
        var vocabulary = Config.VocabularySize;
        for (var first = 0; first < plan.LogitCount; first += StepBuffers.LogitRows)
        {
            var count = Math.Min(StepBuffers.LogitRows, plan.LogitCount - first);
            var normed = Normed(parameters.FinalNorm, plan.LogitTokens + first);
            Multiply(normed, count, parameters.Head, buffers.Logits, parameters.Head.OutputStride, adds: false);
            for (var row = 0; row < count; row++)
            {
                new ReadOnlySpan<float>(buffers.Logits + ((long)row * parameters.Head.OutputStride), vocabulary)
                    .CopyTo(logits_RV[((first + row) * vocabulary)..]);
            }
        }
    }

    private NormedRows Normed(NativeBuffer norm, int* index = null) => new()
    {
        Hidden = buffers.Hidden,
        Stride = buffers.HiddenStride,
        Weight = norm.Floats,
        Size = Config.HiddenSize,
        Epsilon = (float)Config.RmsNormEpsilon,
        Index = index,
    };

    /// <summary>
    /// Multiplies rows by matrices below one another; rows are packed anew where the next matrix takes them in another form.
    /// </summary>
    private void Multiply<TSource>(TSource source, int rows, StackedWeights weights, float* outputs, long stride, bool adds)
        where TSource : unmanaged, IRowSource
    {
        PanelWeights? packedFor = null;
        foreach (var part in weights.Parts)
        {
            if (packedFor is null || !part.Weights.TakesInputsOf(packedFor))
            {
                Pack(source, rows, part.Weights);
                packedFor = part.Weights;
            }

            part.Weights.Multiply(pool, buffers.Packed, outputs + part.FirstOutput, stride, adds);
        }
    }

    private void Pack<TSource>(TSource source, int rows, PanelWeights weights)
        where TSource : unmanaged, IRowSource
    {
        weights.Begin(buffers.Packed, rows);
        var work = new PackWork<TSource>
        {
            Source = source,
            Rows = buffers.Packed.View,
            Scratch = buffers.RowScratch,
            ScratchStride = buffers.RowScratchStride,
        };
        pool.Run(work, work.Rows.Parts);
    }
}
