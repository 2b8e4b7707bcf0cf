using Orca.Streams.Screening;
using Orca.Streams.Tasks;

namespace Orca.Streams.Bus;

/// <summary>What a curriculum wants of those who collect.</summary>
public sealed record TraceDemand
{
    /// <summary>Name of the stage that is taught.</summary>
    public required string Stage { get; init; }

    /// <summary>Lessons of the stage given out so far, those taught again included.</summary>
    public long StageLessons { get; init; }

    /// <summary>Accepted traces of the stage that have been taken.</summary>
    public long Taken { get; init; }

    /// <summary>Weights of the collections.</summary>
    public required Mixture Mixture { get; init; }

    /// <summary>Limits of screens that were set while the run went on; others are as the settings say.</summary>
    public ScreenPlan Screens { get; init; } = ScreenPlan.Default;

    /// <summary>Whether nothing new is to be asked for now.</summary>
    public bool Paused { get; init; }

    /// <summary>Whether nothing is wanted any more.</summary>
    public bool Finished { get; init; }
}
