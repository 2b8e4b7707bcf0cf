using System.Collections.Immutable;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Mixtures;
using Orca.Streams.Curricula.Stages;

namespace Orca.Streams.Curricula;

/// <summary>The curriculum as it stands.</summary>
public sealed record CurriculumStatus
{
    /// <summary>What commands have decided.</summary>
    public required Steering Steering { get; init; }

    /// <summary>Of what commands have decided; grows with every one.</summary>
    public long Revision => Steering.Revision;

    /// <summary>Name of the stage whose lessons are given out.</summary>
    public required string Stage { get; init; }

    /// <summary>Lessons given out in this stage.</summary>
    public required long StageLessons { get; init; }

    /// <summary>Lessons this stage lasts; null for without end.</summary>
    public required long? StageLength { get; init; }

    /// <summary>What is held up.</summary>
    public PausedWork Paused => Steering.Paused;

    /// <summary>Weights of the known collections by name.</summary>
    public required ImmutableSortedDictionary<string, double> Mixture { get; init; }

    /// <summary>What decides the shares of collections and tasks.</summary>
    public required MixturePolicy Policy { get; init; }

    /// <summary>Which lessons are taught by now.</summary>
    public required LessonPacing Pacing { get; init; }

    /// <summary>By how much of itself the student's loss has fallen of late, by collection and by <c>collection/task</c>.</summary>
    public required ImmutableSortedDictionary<string, double> Gains { get; init; }

    /// <summary>
    /// What a lesson of the adaptive policy's choice gains less than one drawn evenly, as a share of the loss; null where there are not
    /// both.
    /// </summary>
    public required double? Regret { get; init; }

    /// <summary>
    /// How often the student is right of late where it is asked before teachers are, by <c>collection/task</c>, 0 to 1; empty where it is
    /// not.
    /// </summary>
    public ImmutableSortedDictionary<string, double> StudentAccuracy { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Whether the student still gains in this stage; null where nobody looks, or not often enough yet.</summary>
    public required GainProof? Proof { get; init; }

    /// <summary>Traces that passed every screen, since the store was made.</summary>
    public required long TracesAccepted { get; init; }

    /// <summary>Rejected traces by the screen that rejected them, since the store was made.</summary>
    public required ImmutableSortedDictionary<string, long> RejectedByScreen { get; init; }

    /// <summary>Traces that did not pass.</summary>
    public long TracesRejected => RejectedByScreen.Values.Sum();

    /// <summary>Accepted traces that have not been taught yet.</summary>
    public required long TracesWaiting { get; init; }

    /// <summary>Lessons that may wait before teachers do.</summary>
    public required int LessonsCapacity { get; init; }

    /// <summary>Lessons given out in all, those that wait included.</summary>
    public required long LessonsDelivered { get; init; }

    /// <summary>Those of them that had been given out before.</summary>
    public required long LessonsReplayed { get; init; }

    /// <summary>Traces that made no lesson when their turn came, since the settings have changed.</summary>
    public required long LessonsDropped { get; init; }

    /// <summary>Hash over every lesson given out, in order: two runs that have the same one have taught the same tokens.</summary>
    public required ulong LessonsHash { get; init; }

    /// <summary>Times that traces of this stage have been gone over again; 0 while all lessons are new.</summary>
    public required int Epoch { get; init; }

    /// <summary>Whether this stage's tasks are used up.</summary>
    public required bool TasksUsedUp { get; init; }

    /// <summary>Whether the last lesson has been given out.</summary>
    public required bool Finished { get; init; }
}
