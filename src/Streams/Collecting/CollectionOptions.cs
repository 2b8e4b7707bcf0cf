namespace Orca.Streams.Collecting;

/// <summary>How tasks are collected.</summary>
public sealed record CollectionOptions
{
    /// <summary>Queries that may be on their way at once, from the draw to the curriculum. Default 128.</summary>
    public int Credits { get; init; } = 128;

    /// <summary>After how much it ends. As much as the stages take unless told otherwise.</summary>
    public CollectionGoal Goal { get; init; } = new();

    /// <summary>Of these, how many may be with the teacher at once. Default 16.</summary>
    public int MaxConcurrentAsks { get; init; } = 16;

    /// <summary>
    /// Pause before a query is put again to a teacher that has failed after its own retries; it doubles each time. Default 5 s.
    /// </summary>
    public TimeSpan AskAgainAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest such pause. Default 2 min.</summary>
    public TimeSpan MaxAskAgainAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Time of failures without a single answer between them after which collecting ends with the teacher's error; null never. Default
    /// 10 min. A teacher that was not even reached in this run is given up at its first failure.
    /// </summary>
    public TimeSpan? GiveUpAfter { get; init; } = TimeSpan.FromMinutes(10);
}
