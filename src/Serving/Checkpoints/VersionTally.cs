namespace Orca.Serving.Checkpoints;

/// <summary>
/// How often versions were rolled back and checkpoints refused since the server began, by cause. Safe to use from several threads.
/// </summary>
internal sealed class VersionTally
{
    private readonly long[] rollbacks = new long[Enum.GetValues<RollbackCause>().Length];
    private readonly long[] refusals = new long[Enum.GetValues<RefusalCause>().Length];

    public void RolledBack(RollbackCause cause) => Interlocked.Increment(ref rollbacks[(int)cause]);

    public void Refused(RefusalCause cause) => Interlocked.Increment(ref refusals[(int)cause]);

    public long Rollbacks(RollbackCause cause) => Interlocked.Read(ref rollbacks[(int)cause]);

    public long Refusals(RefusalCause cause) => Interlocked.Read(ref refusals[(int)cause]);
}

/// <summary>Who had a version rolled back.</summary>
internal enum RollbackCause
{
    /// <summary>Somebody asked for it.</summary>
    Command,

    /// <summary>It did too badly, by <see cref="Tripwires"/>.</summary>
    Tripwire,
}

/// <summary>Why a checkpoint was refused.</summary>
internal enum RefusalCause
{
    /// <summary>Its files are incomplete, malformed or not what its manifest says.</summary>
    Damaged,

    /// <summary>It was read whole, and its weights or its answers to the probe are no good.</summary>
    Unfit,

    /// <summary>It is known to be no good: see <see cref="Checkpoints.Quarantine"/>.</summary>
    Quarantined,

    /// <summary>Nothing in it: it does not fit the memory, could not be read, or was overtaken by a later one.</summary>
    Circumstance,
}
