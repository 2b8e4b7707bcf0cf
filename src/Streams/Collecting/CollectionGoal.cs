using Orca.Streams.Storage;

namespace Orca.Streams.Collecting;

/// <summary>
/// After how much collecting ends, whatever the stages would still take. Both count everything that the store holds, of earlier runs
/// too, so that a run that was interrupted goes on to the same goal.
/// </summary>
public sealed record CollectionGoal
{
    /// <summary>Accepted traces, never exceeded; null for as many as the stages take.</summary>
    public long? Accept { get; init; }

    /// <summary>Questions that may come to an end, whichever (accepted, rejected, left out); null without a limit.</summary>
    public long? Candidates { get; init; }

    /// <summary>
    /// How many more questions may be on their way at most, those included that are, so that neither count is exceeded whatever comes of
    /// them.
    /// </summary>
    internal long Room(StoreCounts counts) => Math.Min(
        Accept - counts.Accepted ?? long.MaxValue,
        Candidates - counts.Questions ?? long.MaxValue);

    /// <summary>Which limit is reached; null where none is.</summary>
    internal CollectionEnd? Reached(StoreCounts counts) =>
        counts.Accepted >= Accept ? CollectionEnd.GoalReached
        : counts.Questions >= Candidates ? CollectionEnd.CandidatesUsedUp
        : null;
}
