namespace Orca.Streams.Storage;

/// <summary>How a <see cref="TraceStore"/> writes.</summary>
public sealed record TraceStoreOptions
{
    /// <summary>What an acknowledged write survives. Default: a power failure.</summary>
    public Durability Durability { get; init; } = Durability.PowerFailure;

    /// <summary>Writes that may wait for the writer; then callers wait. Default 4,096.</summary>
    public int QueueCapacity { get; init; } = 4096;

    /// <summary>Most writes in one transaction. Default 512.</summary>
    public int MaxBatch { get; init; } = 512;

    /// <summary>Largest size of the file in pages of 4,096 bytes; 0 for no limit but the disk's.</summary>
    public long MaxPages { get; init; }
}

/// <summary>What an acknowledged write survives.</summary>
public enum Durability
{
    /// <summary>The end of the process at any moment (SQLite's synchronous=NORMAL).</summary>
    ProcessDeath,

    /// <summary>Also the loss of power, at the price of a flush to disk for each group of writes (synchronous=FULL).</summary>
    PowerFailure,
}
