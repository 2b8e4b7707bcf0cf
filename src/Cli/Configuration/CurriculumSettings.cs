using System.Collections.Immutable;
using Orca.Streams.Screening;

namespace Orca.Cli.Configuration;

/// <summary>In which order and mixture the student learns, and what of the teachers' answers it learns from.</summary>
internal sealed record CurriculumSettings
{
    [Setting(
        "Lessons of the assistant stage (terse answers) before the expert stage begins; 0 starts with the expert, as recorded answers "
            + "always do.", Unit = "lessons", Minimum = 0,
        Maximum = 1e15)]
    public long AssistantLessons { get; init; } = 1_000;

    [Setting("Lessons of the expert stage; no end where absent.", Unit = "lessons", Minimum = 1, Maximum = 1e15)]
    public long? ExpertLessons { get; init; }

    [Setting(
        "Weight of each collection among the questions, name=weight; collections not named weigh 1.", Minimum = 0,
        Maximum = Streams.Tasks.Mixture.MaxWeight)]
    public ImmutableSortedDictionary<string, double> Mixture { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    [Setting("Lessons that may wait for the trainer; when full, the teachers wait.", Unit = "lessons", Minimum = 1, Maximum = 1e6)]
    public int LessonCapacity { get; init; } = 256;

    [Setting("Times that a trace may be taught again after the first.", Unit = "times", Minimum = 0, Maximum = 1e9)]
    public int MaxReuses { get; init; } = 3;

    [Setting(
        "Screens that an answer must pass; 'random' rejects by chance what lies above its limit, for comparison.",
        OneOf = ["finish", "empty", "length", "repetition", "refusal", "language", "gold-answer", "near-duplicate", "random"])]
    public ImmutableArray<string> Screens { get; init; } = [.. ScreenSet.Names, "near-duplicate"];

    [Setting("Largest value of a screen's that passes, name=value; screens not named have their own.", Minimum = 0)]
    public ImmutableSortedDictionary<string, double> ScreenLimits { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    [Setting(
        "Share of the answers that pass whatever the screens find, drawn at random and labelled, so that the screens' worth can be told.",
        Minimum = 0, Maximum = 1)]
    public double ControlShare { get; init; }

    [Setting("What is told of accepted answers, as numbers kept with them.", OneOf = ["words", "steps", "agreement", "loss"],
        MayBeEmpty = true)]
    public ImmutableArray<string> Scores { get; init; } = [];

    [Setting("Server of the student whose loss is told (host:port), where this process serves none.")]
    public string? Student { get; init; }

    [Setting("Longest answer that the length screen lets pass.", Unit = "characters", Minimum = 1, Maximum = 1e7)]
    public int MaxAnswerCharacters { get; init; } = LengthScreen.DefaultMaxCharacters;

    [Setting("Teach a teacher's reasoning too, in <think> tags before the answer; it is stored either way.")]
    public bool TeachReasoning { get; init; }
}
