using System.Collections.Immutable;
using Orca.Streams.Curricula.Mixtures;
using Orca.Streams.Curricula.Replay;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Streams.Curricula.Control;

/// <summary>Everything that commands decide, as one value. What none has decided is as the settings say.</summary>
public sealed record Steering
{
    /// <summary>Of the last command in effect.</summary>
    public long Revision { get; init; }

    /// <summary>What is held up.</summary>
    public PausedWork Paused { get; init; }

    /// <summary>The weights in effect.</summary>
    public required Mixture Mixture { get; init; }

    /// <summary>The weights that the settings named when this was saved: other settings later on count as the newer wish.</summary>
    public required Mixture SettingsMixture { get; init; }

    /// <summary>What decides the shares; null: what the settings say.</summary>
    public MixturePolicy? Policy { get; init; }

    /// <summary>Which lessons are taught by now; null: what the settings say.</summary>
    public LessonPacing? Pacing { get; init; }

    /// <summary>How often lessons are taught again.</summary>
    public ReplayTuning Replay { get; init; } = ReplayTuning.None;

    /// <summary>Weights of system messages by their ids.</summary>
    public ImmutableSortedDictionary<string, double> MessageWeights { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Limits of screens.</summary>
    public ImmutableSortedDictionary<string, double> ScreenLimits { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Which teachers are asked, how fast and for how much.</summary>
    public TeacherTuning Teachers { get; init; } = TeacherTuning.None;

    /// <summary>How published versions are judged.</summary>
    public GateTuning Gate { get; init; } = GateTuning.None;

    /// <summary>The learning rate.</summary>
    public RateTuning Rate { get; init; } = RateTuning.None;

    /// <summary>Times that the rate's schedule was begun anew.</summary>
    public long ScheduleRestarts { get; init; }

    /// <summary>Times a checkpoint was asked for.</summary>
    public long PublishRequests { get; init; }

    /// <summary>The last stage that was asked for; null for none.</summary>
    public string? StageAsked { get; init; }

    /// <summary>The last checkpoint that was to be rolled back to; null for none.</summary>
    public RollBackOrder? RollBack { get; init; }
}

/// <summary>A checkpoint that the student is to be rolled back to.</summary>
/// <param name="Revision">Revision of the command: an order that was carried out is known by it.</param>
/// <param name="Checkpoint">Name of the checkpoint's folder.</param>
public sealed record RollBackOrder(long Revision, string Checkpoint);
