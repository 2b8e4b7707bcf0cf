namespace Orca.Streams.Collecting;

/// <summary>How tasks are collected.</summary>
public sealed record CollectionOptions
{
    /// <summary>Queries that may be on their way at once, from the draw to the curriculum. Default 128.</summary>
    public int Credits { get; init; } = 128;
}
