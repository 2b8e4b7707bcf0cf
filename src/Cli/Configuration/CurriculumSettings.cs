using System.Collections.Immutable;
using Orca.Streams.Bus;
using Orca.Streams.Curricula.Mixtures;
using Orca.Streams.Curricula.Replay;
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
        "Lessons of practice after the expert stage: the student answers the expert's questions, and learns what it would have said with "
            + "the expert's explanation before it; 0 for none.", Unit = "lessons", Minimum = 0, Maximum = 1e15)]
    public long PracticeLessons { get; init; }

    [Setting(
        "Share of the expert's lessons before practice that have the explanation in the question besides, so that the student learns to "
            + "read one there; 0 for a student that does.", Minimum = 0, Maximum = 1)]
    public double ReadingShare { get; init; } = 0.1;

    [Setting(
        "Lessons of the expert's that are taught again for each of practice, so that the student does not drift from what it was taught; "
            + "they count as lessons of practice.", Minimum = 0, Maximum = ReplayTuning.MaxRatio)]
    public double PracticeReplay { get; init; } = 1;

    [Setting("Temperature of the student's answers in practice; 1 is as it would say by itself.", Minimum = 0, Maximum = 2)]
    public double PracticeTemperature { get; init; } = 1;

    [Setting(
        "Weight of each collection among the questions, name=weight; collections not named weigh 1.", Minimum = 0,
        Maximum = Streams.Tasks.Mixture.MaxWeight)]
    public ImmutableSortedDictionary<string, double> Mixture { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    [Setting(
        "What decides the shares beside the weights: 'Fixed', the weights alone; 'Proportional' to the sources' sizes; 'Temperature', "
            + "between that and even; 'Adaptive', more of what the student gains on.")]
    public MixturePolicyKind Policy { get; init; }

    [Setting("Of the policy 'Temperature': 1 is proportional, larger ones come nearer to even.", Minimum = 1, Maximum = 1e6)]
    public double Temperature { get; init; } = MixturePolicy.DefaultTemperature;

    [Setting(
        "Of the policy 'Adaptive': share of the lessons that are drawn evenly all the time, by which the policy's gain is told.",
        Minimum = 0.001, Maximum = 1)]
    public double RandomShare { get; init; } = MixturePolicy.DefaultRandomShare;

    [Setting("Highest difficulty of lessons; any where absent, and where a lesson's difficulty is unknown.", Minimum = 1, Maximum = 1e6)]
    public int? MaxDifficulty { get; init; }

    [Setting("Longest lesson that is taught by now, prompt and answer; longer ones wait.", Unit = "tokens", Minimum = 2, Maximum = 1e9)]
    public int? MaxTokens { get; init; }

    [Setting(
        "Has each task begin with its easiest lessons, and go on to the next difficulty once the student's loss on fresh lessons of the "
            + "hardest ones is below this.", Unit = "nats a token", Minimum = 1e-6, Maximum = 100)]
    public double? NextAtLoss { get; init; }

    [Setting(
        "Has each task begin with its easiest lessons, and go on to the next difficulty once the student, asked first, is right in this "
            + "share of the last questions of the one before.", Minimum = 0.01, Maximum = LessonPacing.MaxAccuracy)]
    public double? NextAtAccuracy { get; init; }

    [Setting("Lessons that may wait for the trainer; when full, the teachers wait.", Unit = "lessons", Minimum = 1, Maximum = 1e6)]
    public int LessonCapacity { get; init; } = 256;

    [Setting("Times that a trace may be taught again after the first.", Unit = "times", Minimum = 0, Maximum = 1e9)]
    public int MaxReuses { get; init; } = 3;

    [Setting(
        "Repeated lessons for each fresh one while there are both; 0 repeats only where no fresh one is there.",
        Minimum = 0, Maximum = ReplayTuning.MaxRatio)]
    public double ReplayRatio { get; init; }

    [Setting(
        "Ends the assistant stage, before its lessons are over, once a gain of this share of held-out questions is ruled out with 95 %; by "
            + "its lessons alone where absent.", Minimum = 0.001, Maximum = 1)]
    public double? AssistantEndsAtGain { get; init; }

    [Setting(
        "Last samples of held-out questions that the end by gain looks at, half of them against the half before.", Unit = "samples",
        Minimum = 2, Maximum = 10_000)]
    public int AssistantSamples { get; init; } = 6;

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

    [Setting("Server of the student whose loss is told, who is asked first or practises (host:port), where this process serves none.")]
    public string? Student { get; init; }

    [Setting(
        "Ask the student first: a question that it knows is not put to a teacher. Questions without a right answer to compare with always "
            + "are, and so are all while no student answers.")]
    public bool AskStudentFirst { get; init; }

    [Setting(
        "Answers that the student gives to a question at most, the first its likeliest one, the others sampled; fewer once it is decided.",
        Unit = "answers", Minimum = 1, Maximum = 64)]
    public int StudentAnswers { get; init; } = 3;

    [Setting(
        "How many of them must be right for the student to know the question; its task it must know better than by guessing, besides.",
        Unit = "answers", Minimum = 1, Maximum = 64)]
    public int StudentMargin { get; init; } = 3;

    [Setting("Share of the questions that a teacher is asked whatever the student says, drawn at random.", Minimum = 0, Maximum = 1)]
    public double AskAnywayShare { get; init; } = 0.1;

    [Setting("Longest answer that the length screen lets pass.", Unit = "characters", Minimum = 1, Maximum = 1e7)]
    public int MaxAnswerCharacters { get; init; } = LengthScreen.DefaultMaxCharacters;

    [Setting("Teach a teacher's reasoning too, in <think> tags before the answer; it is stored either way.")]
    public bool TeachReasoning { get; init; }

    /// <summary>The policy that the settings describe.</summary>
    public MixturePolicy ToPolicy() => new(Policy, Temperature, RandomShare);

    /// <summary>The pace that the settings describe.</summary>
    public LessonPacing ToPacing() => new(MaxDifficulty, MaxTokens, NextAtLoss, NextAtAccuracy);

    /// <summary>What ends the assistant stage beside its lessons; null for nothing.</summary>
    public StageEnd? ToStageEnd() => AssistantEndsAtGain is { } gain ? new StageEnd(gain, AssistantSamples) : null;
}
