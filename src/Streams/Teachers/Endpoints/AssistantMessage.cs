using System.Text.Json;

namespace Orca.Streams.Teachers.Endpoints;

/// <summary>What the assistant's message of a reply holds, or a piece of one.</summary>
/// <param name="Content">Its content: a text, or the texts among its parts.</param>
/// <param name="Reasoning">What it thought, from a field of its own or from parts of their own.</param>
/// <param name="Refusal">Why it will not answer.</param>
/// <param name="CallsTools">Whether it calls tools.</param>
internal sealed record AssistantMessage(string Content, string Reasoning, string Refusal, bool CallsTools)
{
    /// <summary>The answer's text: the content; of a message that has none, what stands where others put their reasoning.</summary>
    public string Text => IsReasoningAlone ? Reasoning : Content;

    /// <summary>Whether all it holds stands where others put their reasoning.</summary>
    public bool IsReasoningAlone => Content.Length == 0 && !CallsTools && Refusal.Length == 0;

    /// <summary>Reads a message or a delta.</summary>
    public static AssistantMessage Of(JsonElement message)
    {
        var (content, reasoning) = ("", TextOf(message, "reasoning_content") ?? TextOf(message, "reasoning") ?? "");
        if (message.TryGetProperty("content", out var given))
        {
            var parts = given.ValueKind == JsonValueKind.Array ? given.EnumerateArray().ToList() : [given];
            content = string.Concat(parts.Where(part => !IsThought(part)).Select(TextOfPart));
            reasoning += string.Concat(parts.Where(IsThought).Select(TextOfPart));
        }

        return new AssistantMessage(
            content, reasoning, TextOf(message, "refusal") ?? "",
            message.TryGetProperty("tool_calls", out var calls) && calls.ValueKind == JsonValueKind.Array && calls.GetArrayLength() > 0);
    }

    /// <summary>This piece and the next.</summary>
    public AssistantMessage Plus(AssistantMessage next) => new(
        Content + next.Content, Reasoning + next.Reasoning, Refusal + next.Refusal, CallsTools || next.CallsTools);

    private static bool IsThought(JsonElement part) =>
        part.ValueKind == JsonValueKind.Object && TextOf(part, "type") is "thinking" or "reasoning" or "redacted_thinking";

    private static string TextOfPart(JsonElement part) => part.ValueKind switch
    {
        JsonValueKind.String => part.GetString()!,
        JsonValueKind.Object => TextOf(part, "text") ?? TextOf(part, "thinking") ?? "",
        _ => "",
    };

    private static string? TextOf(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
