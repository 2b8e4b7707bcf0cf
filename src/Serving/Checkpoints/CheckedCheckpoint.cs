using Orca.Model.Checkpoints;
using Orca.Model.Inference;

namespace Orca.Serving.Checkpoints;

/// <summary>A checkpoint whose every byte has been read and found in order. Its files stay open, so that it can be loaded from them, and again, whoever moves or deletes its folder.</summary>
/// <param name="Source">The checkpoint; owned.</param>
/// <param name="Language">What stands between texts and its tokens.</param>
/// <param name="Digest">SHA-256 over the digests of its files.</param>
/// <param name="Findings">What the checks found so far.</param>
internal sealed record CheckedCheckpoint(Checkpoint Source, StudentLanguage Language, string Digest, ValidationFindings Findings) : IDisposable
{
    /// <summary>Bytes that its weights will take in a format; an estimate where they are quantised.</summary>
    public long WeightBytes(WeightFormat format) => format switch
    {
        WeightFormat.Fp32 => Source.Config.ParameterCount * sizeof(float),
        WeightFormat.Bf16 => Source.Config.ParameterCount * sizeof(ushort),
        // With a scale for each group, and embeddings that may stay wider.
        WeightFormat.Int8 => Source.Config.ParameterCount * 5 / 4,
        WeightFormat.Int4 => Source.Config.ParameterCount * 3 / 4,
        _ => Source.StoredBytes,
    };

    /// <summary>Bytes that pass through memory while it is loaded: the largest weight as it is stored, and once more on its way.</summary>
    public long PassingBytes => 2 * Source.LargestWeightBytes;

    public void Dispose() => Source.Dispose();
}

/// <summary>A checkpoint that must not answer.</summary>
/// <param name="findings">What the checks found, the reason among it.</param>
/// <param name="digest">Of its content; empty where that is not known to be what it claims.</param>
internal sealed class CheckpointRejectedException(ValidationFindings findings, string digest) : Exception(findings.Violations[0])
{
    /// <summary>What the checks found.</summary>
    public ValidationFindings Findings { get; } = findings;

    /// <summary>Of its content; empty where that is not known to be what it claims.</summary>
    public string Digest { get; } = digest;
}
