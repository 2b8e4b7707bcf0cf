using System.Collections.Immutable;

namespace Orca.Cli.Display;

/// <summary>A run as it stands: one value, made anew for every picture.</summary>
internal sealed record RunSnapshot
{
    /// <summary>Time since this start.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>What the run is at, for people: <c>examining</c>, <c>running</c>, <c>finishing</c>.</summary>
    public string Phase { get; init; } = "starting";

    /// <summary>Curriculum stage that tasks are collected for; empty where nothing is collected.</summary>
    public string Stage { get; init; } = "";

    /// <summary>Whether a pause is in force.</summary>
    public bool Paused { get; init; }

    /// <summary>Answers judged a second, over the last seconds.</summary>
    public double TasksPerSecond { get; init; }

    /// <summary>Traces that passed every screen.</summary>
    public long Kept { get; init; }

    /// <summary>Rejected traces by the screen that rejected them.</summary>
    public ImmutableSortedDictionary<string, long> Rejected { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>Records of the sources that could not be read, and calls of the teacher that failed.</summary>
    public long Faults { get; init; }

    /// <summary>Lessons that wait for the trainer.</summary>
    public int Queued { get; init; }

    /// <summary>Lessons that may wait.</summary>
    public int QueueCapacity { get; init; }

    /// <summary>Training steps made, those of earlier starts included.</summary>
    public long Step { get; init; }

    /// <summary>Step the run ends at; null for no limit.</summary>
    public int? MaxSteps { get; init; }

    /// <summary>Mean loss over the last steps, in nats a token.</summary>
    public double? Loss { get; init; }

    /// <summary>Mean loss of practice over the last steps, in nats; null where the student does not practise.</summary>
    public double? PracticeLoss { get; init; }

    /// <summary>Losses of the steps so far, thinned out, oldest first.</summary>
    public ImmutableArray<double> Losses { get; init; } = [];

    /// <summary>Tokens trained on a second, over the last steps.</summary>
    public double TokensPerSecond { get; init; }

    /// <summary>Share of the fastest product's rate that the last steps reached, 0 to 1; null where nobody measured it.</summary>
    public double? ShareOfProduct { get; init; }

    /// <summary>Share of the last steps' time that the trainer waited for lessons, 0 to 1.</summary>
    public double Waiting { get; init; }

    /// <summary>Bytes in use after the last step; null where that is not known.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Learning rate of the last step.</summary>
    public double LearningRate { get; init; }

    /// <summary>Newest published checkpoint; empty before the first.</summary>
    public string Published { get; init; } = "";

    /// <summary>Version that answers, with its checkpoint; empty before the first.</summary>
    public string Served { get; init; } = "";

    /// <summary>Newest accuracy on held-out tasks, 0 to 1; null before the first examination.</summary>
    public double? HeldOut { get; init; }

    /// <summary>Accuracies on held-out tasks so far, oldest first.</summary>
    public ImmutableArray<double> HeldOuts { get; init; } = [];

    /// <summary>Rejected traces in all.</summary>
    public long RejectedInAll => Rejected.Values.Sum();
}
