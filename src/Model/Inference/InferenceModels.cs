using Orca.Model.Checkpoints;
using Orca.Model.Inference.Cpu;
using Orca.Model.Inference.Torch;

namespace Orca.Model.Inference;

/// <summary>Makes students ready to answer, each on what suits it.</summary>
public static class InferenceModels
{
    /// <summary>
    /// Makes a checkpoint's student ready to answer. Its weights may be used where the checkpoint has them mapped: dispose
    /// the model before the checkpoint.
    /// </summary>
    /// <exception cref="ModelFormatException">Its weights cannot be kept as the options ask; the message names what can.</exception>
    public static IInferenceModel Load(Checkpoint checkpoint, InferenceOptions options) =>
        options.Backend == InferenceBackend.Cpu || (options.Backend == InferenceBackend.Auto && options.Device == "cpu")
            ? CpuInferenceModel.Load(checkpoint.Config, checkpoint.Rows, options, checkpoint.Release)
            : TorchInferenceModel.Load(checkpoint, options);
}
