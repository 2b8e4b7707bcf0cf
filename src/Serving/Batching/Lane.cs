using Orca.Serving.Checkpoints;

namespace Orca.Serving.Batching;

/// <summary>The samples that one version computes. Belongs to the engine's thread.</summary>
internal sealed class Lane(StudentVersion version)
{
    private static readonly IComparer<Sample> ByRank = Comparer<Sample>.Create(Sample.Rank);

    private readonly List<Sample> running = [];
    private readonly List<Sample> waiting = [];

    /// <summary>The version.</summary>
    public StudentVersion Version { get; } = version;

    /// <summary>Those that have a place, by rank.</summary>
    public IReadOnlyList<Sample> Running => running;

    /// <summary>
    /// Those that have begun and wait for a place, by rank: they lost theirs, or there was none for them when their request began.
    /// </summary>
    public IReadOnlyList<Sample> Waiting => waiting;

    /// <summary>Turn of its last step.</summary>
    public long LastTurn { get; set; }

    /// <summary>Nothing new is bound to it, and it goes when its last sample has left.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>Whether nothing is bound to it.</summary>
    public bool IsEmpty => running.Count == 0 && waiting.Count == 0;

    /// <summary>A sample has a place.</summary>
    public void Seat(Sample sample)
    {
        Insert(running, sample);
        sample.IsSeated = true;
    }

    /// <summary>A sample waits for a place.</summary>
    public void Wait(Sample sample) => Insert(waiting, sample);

    /// <summary>A sample is no longer here.</summary>
    public void Remove(Sample sample)
    {
        var wasHere = running.Remove(sample) || waiting.Remove(sample);
        sample.IsSeated = false;
        EngineInvariantException.Require(wasHere, $"sequence {sample.Sequence.Id} leaves version {Version.Number} twice");
    }

    private static void Insert(List<Sample> samples, Sample sample)
    {
        var at = samples.BinarySearch(sample, ByRank);
        EngineInvariantException.Require(at < 0, $"sequence {sample.Sequence.Id} is in its lane twice");
        samples.Insert(~at, sample);
    }
}
