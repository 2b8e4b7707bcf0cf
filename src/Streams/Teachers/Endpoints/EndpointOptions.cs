using System.Collections.Immutable;

namespace Orca.Streams.Teachers.Endpoints;

/// <summary>How an endpoint is spoken to.</summary>
public enum EndpointKind
{
    /// <summary>Chat completions, the key as a bearer: OpenAI, vLLM, Ollama, llama-server, <c>orca serve</c>.</summary>
    OpenAi,

    /// <summary>Chat completions of Azure OpenAI, the key in a header <c>api-key</c>.</summary>
    Azure,
}

/// <summary>An endpoint that teaches: where it is, what is sent, what it allows and what it costs.</summary>
public sealed record EndpointOptions
{
    /// <summary>Name in messages, in the store and where stages choose.</summary>
    public required string Name { get; init; }

    /// <summary>How it is spoken to.</summary>
    public EndpointKind Kind { get; init; }

    /// <summary>Address up to, not including, <c>/chat/completions</c>; a query stays behind it.</summary>
    public Uri Url { get; init; } = new("https://api.openai.com/v1");

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

    /// <summary>Name of the field that carries <see cref="MaxTokens"/>; null chooses by address: OpenAI's own endpoint and Azure want
    /// <c>max_completion_tokens</c>, others know <c>max_tokens</c>.</summary>
    public string? MaxTokensField { get; init; }

    /// <summary>Names of parameters that are not sent, since the model refuses them: <c>temperature</c>, say.</summary>
    public ImmutableArray<string> LeaveOut { get; init; } = [];

    /// <summary>Parameters that are sent besides, each as JSON: <c>reasoning_effort</c> as <c>"low"</c>, say.</summary>
    public ImmutableSortedDictionary<string, string> Add { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Headers that are sent besides.</summary>
    public ImmutableSortedDictionary<string, string> Headers { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Time for one answer, from request to last byte; then the attempt counts as failed.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Requests that it allows in a minute; null for as many as it takes, or as its headers say.</summary>
    public double? RequestsPerMinute { get; init; }

    /// <summary>Tokens of prompts and answers that it allows in a minute; null likewise.</summary>
    public double? TokensPerMinute { get; init; }

    /// <summary>Requests in flight at once, at most; fewer are while more would only wait. Default 16.</summary>
    public int Concurrency { get; init; } = 16;

    /// <summary>US dollars for a million tokens of prompt.</summary>
    public decimal PriceIn { get; init; }

    /// <summary>US dollars for a million tokens of answer.</summary>
    public decimal PriceOut { get; init; }

    /// <summary>Name of the field that bounds an answer's length.</summary>
    internal string LengthField => MaxTokensField
        ?? (Kind == EndpointKind.Azure || Url.Host.EndsWith("openai.com", StringComparison.OrdinalIgnoreCase)
            ? "max_completion_tokens"
            : "max_tokens");

    /// <summary>Whether the endpoint is told how long an answer may be, so that a call has a highest price.</summary>
    public bool BoundsLength => !LeaveOut.Contains(LengthField) && !Add.ContainsKey(LengthField) && !Add.ContainsKey("n");

    /// <summary>What is wrong with these settings, as the rest of a sentence; null where nothing is.</summary>
    public string? Fault() => this switch
    {
        { Url.IsAbsoluteUri: false } => $"url is '{Url}'; give an absolute http or https address",
        { Url.Scheme: not ("http" or "https") } => $"url is '{Url}'; give an http or https address",
        { Name.Length: 0 } => "name is empty; give it one",
        { Model.Length: 0 } => "model is empty; name the model to ask",
        { Temperature: not (>= 0 and <= 2) } => $"temperature is {Temperature}; give 0 to 2",
        { TopP: not (> 0 and <= 1) } => $"topP is {TopP}; give a number above 0, at most 1",
        { MaxTokens: < 1 } => $"maxTokens is {MaxTokens}; give 1 or more",
        { Concurrency: < 1 } => $"concurrency is {Concurrency}; give 1 or more",
        { RequestsPerMinute: not (null or > 0) } => $"requestsPerMinute is {RequestsPerMinute}; give a number above 0",
        { TokensPerMinute: not (null or > 0) } => $"tokensPerMinute is {TokensPerMinute}; give a number above 0",
        _ when Timeout <= TimeSpan.Zero => $"timeout is {Timeout}; give a positive time",
        { PriceIn: < 0 } or { PriceOut: < 0 } => "price is negative; give 0 or more",
        _ => null,
    };
}
