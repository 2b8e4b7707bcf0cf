using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orca.Serving.OpenAi;

/// <summary>What chat and text completions have in common. Absent fields have the defaults of the interface this follows.</summary>
internal abstract record OpenAiRequest
{
    /// <summary>Which student: see <see cref="ModelNames"/>. Absent: the one that traffic goes to.</summary>
    public string? Model { get; init; }

    /// <summary>Divides the logits. Default 1.</summary>
    public float? Temperature { get; init; }

    /// <summary>Keeps the likeliest tokens whose probabilities first sum to this. Default 1.</summary>
    public float? TopP { get; init; }

    /// <summary>Keeps this many of the likeliest tokens. Default: all.</summary>
    public int? TopK { get; init; }

    /// <summary>Keeps the tokens at least this often as likely as the likeliest. Default 0.</summary>
    public float? MinP { get; init; }

    /// <summary>Divides positive and multiplies negative logits of tokens already there. Default 1.</summary>
    public float? RepetitionPenalty { get; init; }

    /// <summary>Subtracted from the logits of tokens the answer holds. Default 0.</summary>
    public float? PresencePenalty { get; init; }

    /// <summary>Subtracted from a token's logit for each time the answer holds it. Default 0.</summary>
    public float? FrequencyPenalty { get; init; }

    /// <summary>Added to the logits of tokens, by their ids.</summary>
    public Dictionary<string, float>? LogitBias { get; init; }

    /// <summary>Answers to the same prompt. Default 1.</summary>
    public int? N { get; init; }

    /// <summary>Seed of the draws.</summary>
    public long? Seed { get; init; }

    /// <summary>A text or a list of texts that end the answer.</summary>
    public JsonElement? Stop { get; init; }

    /// <summary>Tokens that end the answer.</summary>
    public int[]? StopTokenIds { get; init; }

    /// <summary>Goes on past the student's own end tokens.</summary>
    public bool? IgnoreEos { get; init; }

    /// <summary>Tokens before which the answer does not end.</summary>
    public int? MinTokens { get; init; }

    /// <summary>Tokens of the answer at most.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Whether the answer is streamed.</summary>
    public bool? Stream { get; init; }

    /// <summary>How it is streamed.</summary>
    public StreamOptions? StreamOptions { get; init; }

    /// <summary>Whose request it is among those of its key: they share fairly what the key has of the engine.</summary>
    public string? User { get; init; }

    /// <summary>What is not named above.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }

    /// <summary>Whether the stream ends with the tokens used.</summary>
    [JsonIgnore]
    public bool IncludeUsage => StreamOptions?.IncludeUsage ?? false;

    /// <summary>What the caller calls a field that a refusal names by its path in the gRPC contract.</summary>
    public virtual string NameOf(string path) => FieldNames.Of(path);
}

/// <summary>How an answer is streamed.</summary>
/// <param name="IncludeUsage">Whether a last chunk tells the tokens used.</param>
internal sealed record StreamOptions(bool? IncludeUsage);

/// <summary>Asks for an answer to a conversation.</summary>
internal sealed record ChatRequest : OpenAiRequest
{
    /// <summary>The conversation.</summary>
    public ChatMessage?[]? Messages { get; init; }

    /// <summary>Descriptions of the tools that may be called, for the chat template.</summary>
    public JsonElement? Tools { get; init; }

    /// <summary>
    /// Whether tools are called; what the student writes is not read for calls, so only <c>auto</c> and <c>none</c> have a meaning.
    /// </summary>
    public JsonElement? ToolChoice { get; init; }

    /// <summary>Further variables of the chat template.</summary>
    public Dictionary<string, JsonElement>? ChatTemplateKwargs { get; init; }

    /// <summary>Whether the prompt ends with what opens an answer. Default: unless the last message is continued.</summary>
    public bool? AddGenerationPrompt { get; init; }

    /// <summary>Whether the student goes on with the last message. Default false.</summary>
    public bool? ContinueFinalMessage { get; init; }

    /// <summary>Tokens of the answer at most; the newer name of <see cref="OpenAiRequest.MaxTokens"/>.</summary>
    public int? MaxCompletionTokens { get; init; }

    /// <summary>Whether the likelihood of every token is told.</summary>
    public bool? Logprobs { get; init; }

    /// <summary>The likeliest tokens beside each.</summary>
    public int? TopLogprobs { get; init; }

    /// <summary>What form the answer has.</summary>
    public WantedFormat? ResponseFormat { get; init; }

    public override string NameOf(string path) => path switch
    {
        "input" or "token_ids" or "chat.earlier_turns" => "messages",
        "stopping.max_tokens" when MaxCompletionTokens is not null => "max_completion_tokens",
        _ => base.NameOf(path),
    };
}

/// <summary>One message of a conversation.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Content">A text, or a list of parts of kind text.</param>
/// <param name="Name">The speaker's name, or the tool's.</param>
/// <param name="ToolCalls">Calls of tools that the message makes.</param>
/// <param name="ToolCallId">The call whose result this is.</param>
/// <param name="ReasoningContent">What the assistant thought.</param>
internal sealed record ChatMessage(
    string? Role, JsonElement? Content, string? Name, JsonElement? ToolCalls, string? ToolCallId, string? ReasoningContent);

/// <summary>What form an answer has.</summary>
/// <param name="Type"><c>text</c>, <c>json_object</c> or <c>json_schema</c>.</param>
/// <param name="JsonSchema">The schema, where the type asks for one.</param>
internal sealed record WantedFormat(string? Type, WantedSchema? JsonSchema);

/// <summary>A schema for an answer.</summary>
/// <param name="Schema">The JSON Schema.</param>
internal sealed record WantedSchema(JsonElement? Schema);

/// <summary>Asks for the continuation of a text.</summary>
internal sealed record CompletionRequest : OpenAiRequest
{
    /// <summary>A text, the tokens of one, or a list of these, each answered for itself.</summary>
    public JsonElement? Prompt { get; init; }

    /// <summary>How many of the likeliest tokens are told beside each, 0 to 20; absent: nothing is told.</summary>
    public int? Logprobs { get; init; }

    /// <summary>Begins the answer with the prompt.</summary>
    public bool? Echo { get; init; }

    /// <summary>Answers to choose the best from; only as many as are sent.</summary>
    public int? BestOf { get; init; }

    public override string NameOf(string path) => path switch
    {
        "input" or "token_ids" => "prompt",
        "output.top_logprobs" => "logprobs",
        _ => base.NameOf(path),
    };
}
