using Orca.Model.Checkpoints;
using Orca.Model.Inference.Cpu;
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
    /// <exception cref="ModelFormatException">Its weights cannot be kept as the options ask; the message names what can.</exception>
    public static IInferenceModel Load(Checkpoint checkpoint, InferenceOptions options)
    {
        checkpoint.CopyThreads = options.IsBeside ? 1 : options.Threads ?? Environment.ProcessorCount;
        try
        {
            return UsesProcessor(options)
                ? CpuInferenceModel.Load(checkpoint.Config, checkpoint.Rows, options, checkpoint.Release)
                : TorchInferenceModel.Load(checkpoint, options);
        }
        finally
        {
            checkpoint.Trim();
        }
    }

    /// <summary>Makes a student of random weights ready, to time it.</summary>
    /// <exception cref="ModelFormatException">Its weights cannot be kept as the options ask.</exception>
    public static IInferenceModel Random(LlamaConfig config, RandomWeights weights, InferenceOptions options) =>
        UsesProcessor(options) ? CpuInferenceModel.Load(config, weights.Rows, options) : TorchInferenceModel.Random(config, options);

    private static bool UsesProcessor(InferenceOptions options) =>
        options.Backend == InferenceBackend.Cpu || (options.Backend == InferenceBackend.Auto && options.Device == "cpu");
}
