using Orca.Streams.Curricula.Control;

namespace Orca.Streams.Curricula.Watching;

/// <summary>Something that happened in a run, for those who watch it.</summary>
public abstract record RunEvent
{
    private protected RunEvent()
    {
    }
}

/// <summary>The curriculum's status has changed. Only the newest is remembered.</summary>
/// <param name="Status">The status.</param>
/// <param name="Measures">What is known beside it.</param>
public sealed record StatusEvent(CurriculumStatus Status, RunMeasures Measures) : RunEvent;

/// <summary>What became of a checkpoint.</summary>
/// <param name="Change">What.</param>
/// <param name="Checkpoint">Name of its folder.</param>
/// <param name="Step">The trainer's step that it was published at.</param>
/// <param name="Version">The server's number of it; null where no server has seen it.</param>
/// <param name="Reason">Why it was rejected; null where it was not.</param>
public sealed record VersionEvent(VersionChange Change, string Checkpoint, long Step, long? Version = null, string? Reason = null)
    : RunEvent;

/// <summary>A command took effect.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Command">The command.</param>
/// <param name="Receipt">From where on it acts.</param>
public sealed record CommandEvent(string Id, CurriculumCommand Command, CommandReceipt Receipt) : RunEvent;

/// <summary>Something went wrong, and the run goes on.</summary>
/// <param name="Text">What, one sentence.</param>
public sealed record FaultEvent(string Text) : RunEvent;

/// <summary>What can become of a checkpoint.</summary>
public enum VersionChange
{
    /// <summary>The trainer has published it.</summary>
    Published,

    /// <summary>The server has loaded it.</summary>
    Loaded,

    /// <summary>It failed a check, was kept back, or was rolled back.</summary>
    Rejected,

    /// <summary>New requests are answered by it.</summary>
    Active,
}

/// <summary>What is told with the status and is not the curriculum's own.</summary>
/// <param name="Spent">What all calls have cost so far; null where that is not known.</param>
/// <param name="StaleSteps">
/// Steps that were trained since the version that answers was published; null where none answers here, or none is trained.
/// </param>
public sealed record RunMeasures(decimal? Spent = null, long? StaleSteps = null)
{
    /// <summary>Nothing is known.</summary>
    public static RunMeasures None { get; } = new();
}
