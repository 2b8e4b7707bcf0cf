using System.Collections.Immutable;
using Orca.Streams.Screening;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Streams.Bus;

/// <summary>What a curriculum wants of those who collect.</summary>
public sealed record TraceDemand
{
    /// <summary>Name of the stage that is taught.</summary>
    public required string Stage { get; init; }

    /// <summary>Lessons of the stage given out so far that were taught again: so many fewer traces are wanted.</summary>
    public long Repeated { get; init; }

    /// <summary>Weights of the collections and their tasks.</summary>
    public required Mixture Mixture { get; init; }

    /// <summary>Weights of system messages by their ids; one that is not named has its own.</summary>
    public ImmutableSortedDictionary<string, double> MessageWeights { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Highest difficulty of questions that are drawn where their source makes them; null for any.</summary>
    public int? MaxDifficulty { get; init; }

    /// <summary>Limits of screens that were set while the run went on; others are as the settings say.</summary>
    public ScreenPlan Screens { get; init; } = ScreenPlan.Default;

    /// <summary>Which teachers are asked, how fast and for how much, where that was set while the run went on.</summary>
    public TeacherTuning Teachers { get; init; } = TeacherTuning.None;

    /// <summary>Whether nothing new is to be asked for now.</summary>
    public bool Paused { get; init; }

    /// <summary>Whether nothing is wanted any more.</summary>
    public bool Finished { get; init; }
}
