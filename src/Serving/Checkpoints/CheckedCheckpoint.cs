namespace Orca.Serving.Checkpoints;

/// <summary>A checkpoint whose every byte has been read and found in order.</summary>
/// <param name="Opened">The checkpoint; owned.</param>
/// <param name="Digest">Tells its content from any other, as its manifest has it.</param>
/// <param name="Findings">What the checks found so far.</param>
internal sealed record CheckedCheckpoint(OpenedCheckpoint Opened, string Digest, ValidationFindings Findings) : IDisposable
{
    public void Dispose() => Opened.Dispose();
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
