using System.Collections.Immutable;
using Orca.Streams.Bus;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Curricula.Mixtures;
using Orca.Streams.Curricula.Replay;
using Orca.Streams.Curricula.Watching;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Streams.Curricula;

/// <summary>What is taught, in which order, how often.</summary>
public sealed record CurriculumOptions
{
    /// <summary>The stages in order; at least one. Only the last may be endless.</summary>
    public required ImmutableArray<CurriculumStage> Stages { get; init; }

    /// <summary>Weights of the collections at the beginning; commands change them.</summary>
    public Mixture Mixture { get; init; } = Mixture.Even;

    /// <summary>What decides the shares of collections and tasks; commands change it. Default: the weights alone.</summary>
    public MixturePolicy Policy { get; init; } = MixturePolicy.Fixed;

    /// <summary>Which lessons are taught by now; commands change it. Default: all.</summary>
    public LessonPacing Pacing { get; init; } = LessonPacing.None;

    /// <summary>What commands can name beside what collecting knows.</summary>
    public Steerable Steerable { get; init; } = new();

    /// <summary>Where what happens is remembered for those who watch the run; null: in one of its own.</summary>
    public RunHistory? History { get; init; }

    /// <summary>Lessons that may wait for the trainer. When so many do, everything upstream waits. Default 256.</summary>
    public int LessonCapacity { get; init; } = 256;

    /// <summary>
    /// Tokens, prompt and answer together, that fit the trainer's sequence; longer lessons are rejected, never cut. Default 512.
    /// </summary>
    public int MaxLessonTokens { get; init; } = 512;

    /// <summary>
    /// How many times a trace may be taught again after the first time; 0 for never, null for without end. Default 3: the paper's four
    /// epochs. Traces are taught again when a stage's tasks are used up, and while a live teacher is slower than the trainer.
    /// </summary>
    public int? MaxReuses { get; init; } = 3;

    /// <summary>
    /// Repeated lessons for each fresh one while there are both; commands change it. Default 0: lessons are repeated only where no fresh
    /// one is there.
    /// </summary>
    public double ReplayRatio { get; init; }

    /// <summary>
    /// Traces that must be there to be shuffled before any is taught again while the teacher is still answering. Default 64.
    /// </summary>
    public int MinReplay { get; init; } = 64;

    /// <summary>
    /// Whether a teacher's reasoning is taught too, between <c>&lt;think&gt;</c> tags before the answer. Default: the answer alone.
    /// </summary>
    public bool TeachReasoning { get; init; }

    /// <summary>
    /// Share of the lessons of a stage before practice that have the answer in the question besides, 0 to 1: a student that has never seen
    /// an explanation there cannot make use of it. Default 0.1.
    /// </summary>
    public double ReadingShare { get; init; } = 0.1;

    /// <summary>
    /// Lessons of the stage before that are given again for each of practice, so that the student which is compared with stays what it is.
    /// Default 1.
    /// </summary>
    public double PracticeReplay { get; init; } = 1;

    /// <summary>Decides the order in which traces are taught again.</summary>
    public long Seed { get; init; }

    /// <summary>Everything wrong with these settings, one sentence each; empty where nothing is.</summary>
    public ImmutableArray<string> Faults()
    {
        var faults = ImmutableArray.CreateBuilder<string>();
        if (Stages.IsDefaultOrEmpty)
        {
            faults.Add("Stages is empty; name at least one.");
            return faults.ToImmutable();
        }

        foreach (var stage in Stages)
        {
            AddIf(faults, string.IsNullOrWhiteSpace(stage.Name), "A stage has no name; name it.");
            AddIf(
                faults, Stages.Count(other => other.Name == stage.Name) > 1,
                $"The stage '{stage.Name}' is there twice; give each its own name.");
            AddIf(faults, stage.Lessons < 1, $"The stage '{stage.Name}' lasts {stage.Lessons} lessons; give 1 or more.");
            AddIf(
                faults, stage.IsPractice && stage == Stages[0],
                $"The stage '{stage.Name}' is the first; give a stage before it whose answers the student practises with.");
            AddIf(faults, stage.Ends?.Fault is not null, $"The stage '{stage.Name}': {stage.Ends?.Fault}");
            AddIf(
                faults, stage.Lessons is null && stage.Ends is null && stage != Stages[^1],
                $"The stage '{stage.Name}' is endless but not the last; give its length in lessons, or the gain that ends it.");
        }

        AddIf(faults, Policy.Fault is not null, Policy.Fault!);
        AddIf(faults, Pacing.Fault is not null, Pacing.Fault!);
        AddIf(faults, new ReplayTuning(ReplayRatio).Fault is not null, new ReplayTuning(ReplayRatio).Fault!);
        AddIf(faults, LessonCapacity < 1, $"LessonCapacity is {LessonCapacity}; give 1 or more.");
        AddIf(faults, MaxLessonTokens < 2, $"MaxLessonTokens is {MaxLessonTokens}; give 2 or more.");
        AddIf(faults, MaxReuses < 0, $"MaxReuses is {MaxReuses}; give 0 or more.");
        AddIf(faults, ReadingShare is not (>= 0 and <= 1), $"ReadingShare is {ReadingShare}; give a number from 0 to 1.");
        AddIf(faults, new ReplayTuning(PracticeReplay).Fault is not null, $"Of practice: {new ReplayTuning(PracticeReplay).Fault}");
        AddIf(faults, MinReplay < 1, $"MinReplay is {MinReplay}; give 1 or more.");
        return faults.Distinct().ToImmutableArray();
    }

    /// <summary>Which lessons have the answer in the question besides; null where the student does not practise.</summary>
    internal ReadingLessons? Reading() => Stages.IndexOf(TeacherRequest.PracticeStage) is > 0 and var practice
        ? new ReadingLessons(Stages[practice - 1].Name, ReadingShare, Seed)
        : null;

    private static void AddIf(ImmutableArray<string>.Builder faults, bool found, string message)
    {
        if (found)
        {
            faults.Add(message);
        }
    }
}
