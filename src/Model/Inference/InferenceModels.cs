using Orca.Model.Checkpoints;
using Orca.Model.Inference.Cpu;
using Orca.Model.Inference.Cpu.Panels;
using Orca.Model.Inference.Torch;
using Orca.Model.Network;

namespace Orca.Model.Inference;

/// <summary>Makes students ready to answer, each on what suits it.</summary>
public static class InferenceModels
{
    /// <summary>
    /// Makes a checkpoint's student ready to answer. Its weights may be used where the checkpoint has them mapped: dispose
    /// the model before the checkpoint.
    /// </summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="options">How the student is made ready.</param>
    /// <param name="loaded">Called after each weight that was packed, on the loading thread.</param>
    /// <exception cref="ModelFormatException">Its weights cannot be kept as the options ask; the message names what can.</exception>
    public static IInferenceModel Load(Checkpoint checkpoint, InferenceOptions options, Action? loaded = null)
    {
        checkpoint.CopyThreads = options.IsBeside ? 1 : options.Threads ?? Environment.ProcessorCount;
        try
        {
            return UsesProcessor(options)
                ? CpuInferenceModel.Load(checkpoint.Config, checkpoint.Rows, options, Packed)
                : TorchInferenceModel.Load(checkpoint, options);
        }
        finally
        {
            checkpoint.Trim();
        }

        void Packed(string name)
        {
            checkpoint.Release(name);
            loaded?.Invoke();
        }
    }

    /// <summary>
    /// Bytes that a checkpoint's weights take on the processor where they are kept as stored: about those of its files, but for
    /// formats that are widened, and for an embedding that is the output too, which is kept twice.
    /// </summary>
    public static long BytesAsStored(Checkpoint checkpoint)
    {
        var config = checkpoint.Config;
        var bytes = LlamaParameters.ShapesOf(config).Sum(weight => Kept(weight.Name, weight.Shape));
        var embedding = LlamaParameters.ShapesOf(config).Single(weight => weight.Name == LlamaParameters.EmbeddingName);
        return config.TiedEmbeddings ? bytes + Kept(embedding.Name, embedding.Shape) : bytes;

        long Kept(string name, IReadOnlyList<long> shape)
        {
            var values = shape.Aggregate(1L, (product, size) => product * size);
            return checkpoint.EncodingOf(name) is { } encoding && shape.Count == 2
                ? PanelFormats.BytesAsStored(encoding, values)
                : values * sizeof(float);
        }
    }

    /// <summary>Makes a student of random weights ready, to time it.</summary>
    /// <exception cref="ModelFormatException">Its weights cannot be kept as the options ask.</exception>
    public static IInferenceModel Random(LlamaConfig config, RandomWeights weights, InferenceOptions options) =>
        UsesProcessor(options) ? CpuInferenceModel.Load(config, weights.Rows, options) : TorchInferenceModel.Random(config, options);

    private static bool UsesProcessor(InferenceOptions options) =>
        options.Backend == InferenceBackend.Cpu || (options.Backend == InferenceBackend.Auto && options.Device == "cpu");
}
