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

    [Setting("JSON lines file of recorded answers; what comes with the tasks where absent. For kind 'recorded'.")]
    public string? RecordedFile { get; init; }

    [Setting("Base URL of the endpoint, up to and including /v1. For kind 'openai'.")]
    public string BaseUrl { get; init; } = "https://api.openai.com/v1";

    [Setting("Model asked in the assistant stage. For kind 'openai'.")]
    public string Model { get; init; } = "gpt-4o-mini";

    [Setting("Model asked in the expert stage; the same as in the assistant stage where absent. For kind 'openai'.")]
    public string? ExpertModel { get; init; }

    [Setting("Environment variable that holds the endpoint's key. For kind 'openai'.")]
    public string KeyVariable { get; init; } = "OPENAI_API_KEY";

    [Setting("Sampling temperature of the endpoint. For kind 'openai'.", Minimum = 0, Maximum = 2)]
    public double Temperature { get; init; } = 0.7;

    [Setting("Nucleus of the endpoint's sampling. For kind 'openai'.", Minimum = 0.01, Maximum = 1)]
    public double TopP { get; init; } = 0.95;

    [Setting("Longest answer of the endpoint. For kind 'openai'.", Unit = "tokens", Minimum = 1, Maximum = 1e6)]
    public int MaxTokens { get; init; } = 1024;

    [Setting("Parameters that are not sent, since the model refuses them, such as temperature. For kind 'openai'.")]
    public ImmutableArray<string> LeaveOut { get; init; } = [];

    [Setting("Time for one answer of the endpoint. For kind 'openai'.", Unit = "seconds", Minimum = 0.1, Maximum = 86_400)]
    public double TimeoutSeconds { get; init; } = 120;

    [Setting(
        "Attempts after the first where the endpoint is busy, broken or out of reach. For kind 'openai'.", Unit = "attempts", Minimum = 0,
        Maximum = 1_000)]
    public int Retries { get; init; } = 5;

    [Setting("Requests in flight at once.", Unit = "requests", Minimum = 1, Maximum = 10_000)]
    public int Parallel { get; init; } = 16;
}
