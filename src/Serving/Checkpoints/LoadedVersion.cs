namespace Orca.Serving.Checkpoints;

/// <summary>A version in memory, as those who decide about it know it. Its weights are the engine's.</summary>
/// <param name="number">Its number.</param>
/// <param name="source">Its checkpoint, open, in case it must be loaded again; owned.</param>
/// <param name="reading">What it made of the probe.</param>
/// <param name="version">The version as the engine has it.</param>
internal sealed class LoadedVersion(long number, CheckedCheckpoint source, ProbeReading reading, StudentVersion version) : IDisposable
{
    private readonly CancellationTokenSource gone = new();

    /// <summary>Its number.</summary>
    public long Number { get; } = number;

    /// <summary>Its checkpoint, open, in case it must be loaded again.</summary>
    public CheckedCheckpoint Source { get; } = source;

    /// <summary>What it made of the probe.</summary>
    public ProbeReading Reading { get; } = reading;

    /// <summary>Whether it was found not to be one that others should be compared with.</summary>
    public bool IsCondemned { get; set; }

    /// <summary>What later versions' answers to the probe are compared with; null where they should not be.</summary>
    public ProbeReading? Standard => IsCondemned ? null : Reading;

    /// <summary>Bytes of its weights in memory.</summary>
    public long WeightBytes { get; } = version.Model.WeightBytes;

    /// <summary>How it does while it answers.</summary>
    public VersionVitals Vitals { get; } = version.Vitals;

    /// <summary>Grows with every load and activation: those of the smallest are given up first.</summary>
    public long LastUse { get; set; }

    /// <summary>Cancelled when it leaves memory.</summary>
    public CancellationToken Gone => gone.Token;

    /// <summary>It leaves memory; its checkpoint stays open.</summary>
    public void Leave() => gone.Cancel();

    public void Dispose()
    {
        Leave();
        Source.Dispose();
    }
}
