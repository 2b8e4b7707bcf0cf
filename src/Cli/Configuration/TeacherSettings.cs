using System.Collections.Immutable;

namespace Orca.Cli.Configuration;

/// <summary>Who answers the questions.</summary>
internal sealed record TeacherSettings
{
    [Setting(
        "Kind of the teacher: the built-in solver, answers recorded in the tasks or a file, or an OpenAI-compatible endpoint.",
        OneOf = ["solver", "recorded", "openai"])]
    public string Kind { get; init; } = "solver";

    [Setting("Share of the terse solver's answers that are wrong. For kind 'solver'.", Minimum = 0, Maximum = 1)]
    public double SolverErrorRate { get; init; } = 0.05;

    [Setting(
        "Share of the explaining solver's answers that are wrong: right steps, and a wrong conclusion. For kind 'solver'.", Minimum = 0,
        Maximum = 1)]
    public double SolverExpertErrorRate { get; init; }

    [Setting("JSON lines file of recorded answers; what comes with the tasks where absent. For kind 'recorded'.")]
    public string? RecordedFile { get; init; }

    [Setting("Base URL of the endpoint, up to and including /v1. For kind 'openai'.")]
    public string BaseUrl { get; init; } = "https://api.openai.com/v1";

    [Setting("Model asked in the assistant stage. For kind 'openai'.")]
    public string Model { get; init; } = "gpt-4o-mini";

    [Setting("Model asked in the expert stage; the same as in the assistant stage where absent. For kind 'openai' without a list of "
        + "endpoints.")]
    public string? ExpertModel { get; init; }

    [Setting("Environment variable that holds the endpoint's key. For kind 'openai'.")]
    public string KeyVariable { get; init; } = "OPENAI_API_KEY";

    [Setting("Sampling temperature of the endpoint. For kind 'openai'.", Minimum = 0, Maximum = 2)]
    public double Temperature { get; init; } = 0.7;

    [Setting("Nucleus of the endpoint's sampling. For kind 'openai'.", Minimum = 0.01, Maximum = 1)]
    public double TopP { get; init; } = 0.95;

    [Setting("Longest answer of the endpoint. For kind 'openai'.", Unit = "tokens", Minimum = 1, Maximum = 1e6)]
    public int MaxTokens { get; init; } = 1024;

    [Setting(
        "Answers that are asked for to each question, of which the best is kept: each is paid for. For kind 'openai'.", Unit = "answers",
        Minimum = 1, Maximum = 64)]
    public int Answers { get; init; } = 1;

    [Setting(
        "Which of several answers is the best: scores, the most important first, the larger the better, or the smaller behind a minus "
            + "(-words).",
        OneOf = ["agreement", "steps", "words", "loss", "-agreement", "-steps", "-words", "-loss"])]
    public ImmutableArray<string> Best { get; init; } = ["agreement", "steps"];

    [Setting("Parameters that are not sent, since the model refuses them, such as temperature. For kind 'openai'.")]
    public ImmutableArray<string> LeaveOut { get; init; } = [];

    [Setting("Time for one answer of the endpoint. For kind 'openai'.", Unit = "seconds", Minimum = 0.1, Maximum = 86_400)]
    public double TimeoutSeconds { get; init; } = 120;

    [Setting(
        "Failed calls after the first that a question may have while others are answered; then it is asked again in the next run. For "
            + "kind 'openai'.", Unit = "attempts", Minimum = 0, Maximum = 1_000)]
    public int Retries { get; init; } = 5;

    [Setting(
        "Time that calls under way have to end when the run is asked to end, since what they answer is paid for. For kind 'openai'.",
        Unit = "seconds", Minimum = 0, Maximum = 86_400)]
    public double FinishSeconds { get; init; } = 60;

    [Setting(
        "Requests in flight at once, at most; fewer are where more would only wait. For kind 'openai'.", Unit = "requests",
        Minimum = 1, Maximum = 10_000)]
    public int Parallel { get; init; } = 16;

    [Setting("Requests that the endpoint allows in a minute; what its headers say where absent. For kind 'openai'.", Unit = "requests",
        Minimum = 0.001, Maximum = 1e9)]
    public double? RequestsPerMinute { get; init; }

    [Setting("Tokens of questions and answers that the endpoint allows in a minute; what its headers say where absent. For kind 'openai'.",
        Unit = "tokens", Minimum = 1, Maximum = 1e12)]
    public double? TokensPerMinute { get; init; }

    [Setting("Price of a million tokens of a question. For kind 'openai'.", Unit = "US dollars", Minimum = 0, Maximum = 1e6)]
    public double PriceIn { get; init; }

    [Setting("Price of a million tokens of an answer. For kind 'openai'.", Unit = "US dollars", Minimum = 0, Maximum = 1e6)]
    public double PriceOut { get; init; }

    [Setting(
        "Endpoints that are asked side by side, each as fast as it allows; one made of the settings above where empty. For kind 'openai'.")]
    public ImmutableArray<EndpointSettings> Endpoints { get; init; } = [];

    [Setting("Names of the endpoints that the assistant stage asks; all where empty.", MayBeEmpty = true)]
    public ImmutableArray<string> AssistantEndpoints { get; init; } = [];

    [Setting("Names of the endpoints that the expert stage asks; all where empty.", MayBeEmpty = true)]
    public ImmutableArray<string> ExpertEndpoints { get; init; } = [];

    [Setting(
        "Names of the endpoints that judge whether an answer is right where its words do not tell; nobody does where empty. Each answer "
            + "that they judge is paid for. For kind 'openai'.", MayBeEmpty = true)]
    public ImmutableArray<string> JudgeEndpoints { get; init; } = [];

    [Setting(
        "Whether the expert is shown the student's wrong answer and explains the mistake; what is taught is its explanation as the answer "
            + "to the question alone. With curriculum.askStudentFirst, for kind 'openai'.")]
    public bool ExplainMistakes { get; init; }

    [Setting("What the run may spend in all its starts; calls whose reply was lost count with the most they can cost.", Unit = "US dollars",
        Minimum = 0, Maximum = 1e6)]
    public double? Budget { get; init; }

    [Setting("What each stage may spend, and the judge (judge), name=amount.", Unit = "US dollars", Minimum = 0, Maximum = 1e6)]
    public ImmutableSortedDictionary<string, double> StageBudgets { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    [Setting("Whether questions are asked in batches: files that are answered within a day, at a price of their own. For kind 'openai'.")]
    public bool Batch { get; init; }

    [Setting("Questions of a batch, at most.", Unit = "requests", Minimum = 1, Maximum = 50_000)]
    public int BatchRequests { get; init; } = 10_000;

    [Setting("A batch is sent when no further question has come for this long.", Unit = "seconds", Minimum = 0.05, Maximum = 3_600)]
    public double BatchGatherSeconds { get; init; } = 5;

    [Setting("Pause between two looks at a batch.", Unit = "seconds", Minimum = 0.05, Maximum = 3_600)]
    public double BatchPollSeconds { get; init; } = 30;

    [Setting("Price of a question in a batch, as a share of its price by itself.", Minimum = 0, Maximum = 10)]
    public double BatchPriceShare { get; init; } = 0.5;
}
