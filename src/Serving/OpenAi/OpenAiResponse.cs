using System.Text.Json.Serialization;
using Orca.Serving.Requests;

namespace Orca.Serving.OpenAi;

/// <summary>A whole answer, or a chunk of one.</summary>
/// <typeparam name="TChoice">A choice of it.</typeparam>
internal sealed record OpenAiResponse<TChoice>
{
    public required string Id { get; init; }

    public required string Object { get; init; }

    /// <summary>Seconds since 1970.</summary>
    public required long Created { get; init; }

    public required string Model { get; init; }

    /// <summary>Names the version that answers.</summary>
    public required string SystemFingerprint { get; init; }

    public required TChoice[] Choices { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TokenUsage? Usage { get; init; }
}

/// <summary>Tokens used.</summary>
internal sealed record TokenUsage(int PromptTokens, int CompletionTokens, int TotalTokens, PromptDetails PromptTokensDetails)
{
    /// <summary>Nothing.</summary>
    public static TokenUsage None { get; } = new(0, 0, 0, new PromptDetails(0));

    /// <summary>A prompt more.</summary>
    public TokenUsage And(GenerationEvent.Accepted prompt) => new(
        PromptTokens + prompt.PromptTokens, CompletionTokens, TotalTokens + prompt.PromptTokens,
        new PromptDetails(PromptTokensDetails.CachedTokens + prompt.CachedPromptTokens));

    /// <summary>An answer more.</summary>
    public TokenUsage And(GenerationEvent.Finished answer) =>
        this with { CompletionTokens = CompletionTokens + answer.CompletionTokens, TotalTokens = TotalTokens + answer.CompletionTokens };
}

/// <summary>More of a prompt's tokens.</summary>
internal sealed record PromptDetails(int CachedTokens);

/// <summary>One answer to a conversation.</summary>
internal sealed record ChatChoice(int Index, AssistantMessage Message, ChatLogprobs? Logprobs, string? FinishReason);

/// <summary>What the student says.</summary>
internal sealed record AssistantMessage(string Role, string Content, string? Refusal);

/// <summary>More of an answer to a conversation.</summary>
internal sealed record ChatChunkChoice(int Index, AssistantDelta Delta, ChatLogprobs? Logprobs, string? FinishReason);

/// <summary>More of what the student says; what is absent does not change.</summary>
internal sealed record AssistantDelta(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Role,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Content);

/// <summary>How likely the tokens of a chat's answer were.</summary>
internal sealed record ChatLogprobs(ChatTokenLogprob[] Content);

/// <summary>How likely a token was.</summary>
internal sealed record ChatTokenLogprob(string Token, float Logprob, int[] Bytes, ChatTopLogprob[] TopLogprobs);

/// <summary>One of the likeliest tokens in a place.</summary>
internal sealed record ChatTopLogprob(string Token, float Logprob, int[] Bytes);

/// <summary>One continuation of a text, or more of it.</summary>
internal sealed record CompletionChoice(int Index, string Text, CompletionLogprobs? Logprobs, string? FinishReason);

/// <summary>How likely the tokens of a continuation were, in lists of equal length.</summary>
internal sealed record CompletionLogprobs(
    string[] Tokens, float?[] TokenLogprobs, Dictionary<string, float>?[] TopLogprobs, int[] TextOffset);

/// <summary>The students there are.</summary>
internal sealed record ModelList(string Object, ModelEntry[] Data);

/// <summary>One student.</summary>
internal sealed record ModelEntry(string Id, string Object, long Created, string OwnedBy);

/// <summary>What went wrong.</summary>
internal sealed record ErrorBody(ErrorContent Error);

/// <summary>What went wrong.</summary>
internal sealed record ErrorContent(string Message, string Type, string? Param, string? Code);
