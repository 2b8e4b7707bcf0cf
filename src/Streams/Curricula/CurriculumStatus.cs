using System.Collections.Immutable;

namespace Orca.Streams.Curricula;

/// <summary>The curriculum as it stands.</summary>
public sealed record CurriculumStatus
{
    /// <summary>Of its state; grows with every command.</summary>
    public required long Revision { get; init; }

    /// <summary>Name of the stage whose lessons are given out.</summary>
    public required string Stage { get; init; }

    /// <summary>Lessons given out in this stage.</summary>
    public required long StageLessons { get; init; }

    /// <summary>Lessons this stage lasts; null for without end.</summary>
    public required long? StageLength { get; init; }

    /// <summary>Whether a pause is in force.</summary>
    public required bool Paused { get; init; }

    /// <summary>Weights of the known collections by name.</summary>
    public required ImmutableSortedDictionary<string, double> Mixture { get; init; }

    /// <summary>Limits of screens that commands have set; without end for a screen that is switched off.</summary>
    public required ImmutableSortedDictionary<string, double> ScreenLimits { get; init; }

    /// <summary>How published versions are judged, as commands have set it.</summary>
    public GateTuning Gate { get; init; } = GateTuning.None;

    /// <summary>Traces that passed every screen, since the store was made.</summary>
    public required long TracesAccepted { get; init; }

    /// <summary>Rejected traces by the screen that rejected them, since the store was made.</summary>
    public required ImmutableSortedDictionary<string, long> RejectedByScreen { get; init; }

    /// <summary>Traces that did not pass.</summary>
    public long TracesRejected => RejectedByScreen.Values.Sum();

    /// <summary>Accepted traces that have not been taught yet.</summary>
    public required long TracesWaiting { get; init; }

    /// <summary>Lessons that wait for the trainer.</summary>
    public required int LessonsQueued { get; init; }

    /// <summary>Lessons that may wait at most.</summary>
    public required int LessonsCapacity { get; init; }

    /// <summary>Lessons given out in all, those that wait included.</summary>
    public required long LessonsDelivered { get; init; }

    /// <summary>Those of them that had been given out before.</summary>
    public required long LessonsReplayed { get; init; }

    /// <summary>Traces that made no lesson when their turn came, since the settings have changed.</summary>
    public required long LessonsDropped { get; init; }

    /// <summary>Times that traces of this stage have been gone over again; 0 while all lessons are new.</summary>
    public required int Epoch { get; init; }

    /// <summary>Whether this stage's tasks are used up.</summary>
    public required bool TasksUsedUp { get; init; }

    /// <summary>Times a checkpoint was asked for by a command.</summary>
    public required long PublishRequests { get; init; }

    /// <summary>Whether the last lesson has been given out.</summary>
    public required bool Finished { get; init; }
}
