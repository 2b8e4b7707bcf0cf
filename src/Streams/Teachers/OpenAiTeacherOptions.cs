using System.Collections.Immutable;

namespace Orca.Streams.Teachers;

/// <summary>Settings of a teacher behind an OpenAI-compatible chat endpoint.</summary>
public sealed record OpenAiTeacherOptions
{
    /// <summary>Address up to, not including, <c>/chat/completions</c>.</summary>
    public Uri BaseUrl { get; init; } = new("https://api.openai.com/v1");

    /// <summary>The model asked.</summary>
    public required string Model { get; init; }

    /// <summary>Environment variable that holds the key; null for endpoints that want none.</summary>
    public string? KeyVariable { get; init; }

    /// <summary>0 for the likeliest answer, up to 2. The paper's is 0.7.</summary>
    public double Temperature { get; init; } = 0.7;

    /// <summary>Share of probability that tokens are drawn from, above 0 up to 1. The paper's is 0.95.</summary>
    public double TopP { get; init; } = 0.95;

    /// <summary>Tokens an answer may have; one that reaches it is cut and will be screened out.</summary>
    public int MaxTokens { get; init; } = 1024;

    /// <summary>Name of the field that carries <see cref="MaxTokens"/>; null chooses by address: OpenAI's own endpoint wants
    /// <c>max_completion_tokens</c>, others know <c>max_tokens</c>.</summary>
    public string? MaxTokensField { get; init; }

    /// <summary>Names of parameters that are not sent, since the model refuses them: <c>temperature</c>, say.</summary>
    public ImmutableArray<string> LeftOut { get; init; } = [];

    /// <summary>Time for one answer, from request to last byte; then the attempt counts as failed.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Attempts after the first that follow rate limits (429), server errors, time-outs and lost connections; 0 or more.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>Pause before the first further attempt; it doubles each time, with jitter. A server's retry-after goes before it.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Longest pause between attempts. Where the server asks for a longer one the call ends, and whoever asked waits as long as that.
    /// </summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>US dollars for 1,000 tokens of prompt.</summary>
    public decimal PromptPricePer1K { get; init; }

    /// <summary>US dollars for 1,000 tokens of answer.</summary>
    public decimal CompletionPricePer1K { get; init; }
}
