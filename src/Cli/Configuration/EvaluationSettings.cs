namespace Orca.Cli.Configuration;

/// <summary>How the student is examined on held-out tasks.</summary>
internal sealed record EvaluationSettings
{
    [Setting("Held-out questions of each task in the examinations before and after.", Unit = "questions", Minimum = 1, Maximum = 100_000)]
    public int QuestionsPerTask { get; init; } = 20;

    [Setting("Held-out questions in all; more tasks get fewer each.", Unit = "questions", Minimum = 1, Maximum = 1e6)]
    public int MaxQuestions { get; init; } = 300;

    [Setting(
        "Held-out questions in each sample while the run goes on; 0 leaves samples out.", Unit = "questions", Minimum = 0,
        Maximum = 100_000)]
    public int SampleQuestions { get; init; } = 30;

    [Setting("Time between samples.", Unit = "seconds", Minimum = 1, Maximum = 1e6)]
    public double SampleEverySeconds { get; init; } = 30;

    [Setting(
        "Held-out questions that each published version is asked before it answers callers; one that is significantly worse than the "
            + "version that answers does not take over. 0 lets all through.", Unit = "questions", Minimum = 0, Maximum = 100_000)]
    public int GateQuestions { get; init; } = 40;

    [Setting(
        "How sure it must be that a published version is worse: it is kept back where chance alone would make so large a difference less "
            + "often than this.", Minimum = 1e-12, Maximum = 0.5)]
    public double GateLevel { get; init; } = 0.01;

    [Setting("Longest answer in an examination.", Unit = "tokens", Minimum = 1, Maximum = 1_048_576)]
    public int MaxTokens { get; init; } = 160;

    [Setting("Questions asked at once, so that the server can batch them.", Unit = "questions", Minimum = 1, Maximum = 1_024)]
    public int Parallel { get; init; } = 32;
}
