using Orca.Model.Checkpoints;
using Orca.Model.Inference;

namespace Orca.Serving.Checkpoints;

/// <summary>
/// A checkpoint whose header, shapes and language are in order. Its files stay open, so that it can be loaded from them, and again,
/// whoever moves or deletes its folder.
/// </summary>
/// <param name="Source">The checkpoint; owned.</param>
/// <param name="Language">What stands between texts and its tokens.</param>
internal sealed record OpenedCheckpoint(Checkpoint Source, StudentLanguage Language) : IDisposable
{
    /// <summary>Bytes that its weights will take in a format; an estimate where they are quantised.</summary>
    public long WeightBytes(WeightFormat format) => format switch
    {
        WeightFormat.Fp32 => Source.Config.ParameterCount * sizeof(float),
        WeightFormat.Bf16 => Source.Config.ParameterCount * sizeof(ushort),
        // With a scale for each group, and embeddings that may stay wider.
        WeightFormat.Int8 => Source.Config.ParameterCount * 5 / 4,
        WeightFormat.Int4 => Source.Config.ParameterCount * 3 / 4,
        _ => InferenceModels.BytesAsStored(Source),
    };

    /// <summary>Bytes that pass through memory while it is loaded: the largest weight as it is stored, and once more on its way.</summary>
    public long PassingBytes => 2 * Source.LargestWeightBytes;

    public void Dispose() => Source.Dispose();
}
