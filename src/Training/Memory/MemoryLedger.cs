using System.Collections.Immutable;
using Orca.Model.Network;
using Orca.Training.Activations;
using Orca.Training.Adapters;
using Orca.Training.Checkpoints;
using Orca.Training.Loss;
using Orca.Training.Optimization;
using Orca.Training.Parameters;
using static TorchSharp.torch;

namespace Orca.Training.Memory;

/// <summary>What a training run takes of the memory that its student lies in, by what it is for.</summary>
/// <param name="Entries">Each with its bytes; in the order in which they are told.</param>
public sealed record MemoryLedger(ImmutableArray<MemoryEntry> Entries)
{
    // What the loss keeps of a chunk's logits beside them: in float32, their logarithms and slopes.
    private const int LossCopies = 3;

    /// <summary>All of it.</summary>
    public long Bytes => Entries.Sum(entry => entry.Bytes);

    /// <summary>The ledger of a run, without taking any of the memory.</summary>
    /// <param name="config">Shape of the student.</param>
    /// <param name="options">How it learns.</param>
    /// <param name="beside">What else lies there: the process as it is, a server's weights and its cache.</param>
    /// <exception cref="TrainingException">The student has no room for such adapters.</exception>
    public static MemoryLedger Of(LlamaConfig config, TrainerOptions options, params ReadOnlySpan<MemoryEntry> beside)
    {
        using var scope = NewDisposeScope();
        using var optimizer = Optimizers.Of(options, META);
        using var parameters = new StudentParameters(
            BucketLayout.Of(LoraShapes.Trained(config, options.Lora)), options.ParameterForms, optimizer.HasSecondMoments, META);
        using var frozen = new FrozenWeights(options.Lora.IsOn ? LlamaParameters.ShapesOf(config) : [], options.ParameterForms, META);
        var tokens = (long)options.BatchRows * options.SequenceLength;
        var activations = new LayerActivations(config, options);
        return new MemoryLedger(
        [
            new("weights", parameters.Buckets.Sum(bucket => bucket.Weights.Bytes)),
            new("frozen weights", frozen.Bytes),
            new("gradients", parameters.Buckets.Sum(bucket => bucket.Gradients.Bytes) + PassingGradients(parameters, options)),
            new("states", parameters.Buckets.Sum(bucket => bucket.FirstMoments.Bytes + (bucket.SecondMoments?.Bytes ?? 0))),
            new("activations", tokens * activations.BytesPerToken),
            new("logits", LogitsOf(config, options, tokens)),
            new("the embedding's slopes", EmbeddingSlopesOf(config, options)),
            new("the kernels' panels", PanelsOf(config, options, tokens)),
            new("a checkpoint's copy", SnapshotOf(parameters, frozen, options)),
            .. beside,
        ]);
    }

    // A layer's own, and the bucket that is moved.
    private static long PassingGradients(StudentParameters parameters, TrainerOptions options)
    {
        if (!options.OptimizerInBackward)
        {
            return 0;
        }

        var matrices = parameters.Buckets.Where(bucket => bucket.Layout.AreLayerMatrices).ToList();
        var layers = 1 + matrices.Max(bucket => bucket.Layout.FirstLayer) ?? 1;
        var each = options.ParameterForms.Compute == ComputeType.Float32 ? sizeof(float) : sizeof(short);
        return each * ((matrices.Sum(bucket => bucket.Layout.Size) / layers) + matrices.Max(bucket => bucket.Layout.Size));
    }

    // libtorch gives a look-up's gradient, and the head's, as large as the weight; on the processor that of bfloat16 weights is computed
    // from a copy in float32.
    private static long EmbeddingSlopesOf(LlamaConfig config, TrainerOptions options)
    {
        if (options.Lora.IsOn || ProductChoice.Of(options) == ProductKernels.Own)
        {
            return 0;
        }

        var each = options.Compute == ComputeType.Float32 ? sizeof(float)
            : options.Device == "cpu" ? (2 * sizeof(float)) + sizeof(short)
            : sizeof(short);
        return (long)config.VocabularySize * config.HiddenSize * each;
    }

    // In the memory of the host, which is the student's only on a processor. At the end of a run the activations have made room.
    private static long SnapshotOf(StudentParameters parameters, FrozenWeights frozen, TrainerOptions options) =>
        options.Device == "cpu" && (options.PublishEverySteps > 0 || options.PublishEvery is not null || options.PublishAtStart)
            ? RunSnapshot.Bytes(parameters, frozen, options)
            : 0;

    // What the server's kernels multiply from: the head's weights, kept both ways, those of the projections that are used together, and a
    // batch's inputs.
    private static long PanelsOf(LlamaConfig config, TrainerOptions options, long tokens)
    {
        if (ProductChoice.Of(options) != ProductKernels.Own)
        {
            return 0;
        }

        var each = options.Compute == ComputeType.Float32 ? sizeof(float) : sizeof(short);
        var head = 2L * config.VocabularySize * config.HiddenSize;
        var together = ((2L * config.IntermediateSize) + (config.KvHeads * config.HeadDim)) * config.HiddenSize;
        return each * (head + together + (tokens * config.IntermediateSize));
    }

    private static long LogitsOf(LlamaConfig config, TrainerOptions options, long tokens)
    {
        var chunk = Math.Min(ChunkedLoss.DefaultMostLogits, tokens * config.VocabularySize);
        var narrow = options.ParameterForms.Compute == ComputeType.Float32 ? 0 : 2 * sizeof(short);
        return chunk * ((LossCopies * sizeof(float)) + narrow);
    }
}

/// <summary>One thing that takes memory.</summary>
/// <param name="Name">What it is, in one or two words.</param>
/// <param name="Bytes">How much it takes.</param>
public sealed record MemoryEntry(string Name, long Bytes);
