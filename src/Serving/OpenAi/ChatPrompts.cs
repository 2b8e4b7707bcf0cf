using System.Text.Json;
using Orca.Model.Prompting;
using Orca.Serving.Requests;

namespace Orca.Serving.OpenAi;

/// <summary>
/// A conversation of OpenAI's interface as the student's prompt template takes it: which orders have a form is the template's to say.
/// </summary>
internal static class ChatPrompts
{
    /// <summary>The prompt of a conversation.</summary>
    /// <exception cref="GenerationException">Something in it is malformed, or holds more than texts.</exception>
    public static PromptInput.Chat Of(ChatRequest request)
    {
        RequireChoice(request.ToolChoice);
        return ConversationRules.Conversation(
            [.. (request.Messages ?? []).Select((message, i) => Message(message, $"messages[{i}]"))],
            ConversationRules.Objects(request.Tools, "tools"),
            ConversationRules.Arguments(request.ChatTemplateKwargs ?? [], "chat_template_kwargs"),
            request.AddGenerationPrompt,
            request.ContinueFinalMessage ?? false);
    }

    private static Message Message(ChatMessage? message, string field) => message is null
        ? throw GenerationException.Invalid(field, "is null; a message is an object with a role and a content")
        : ConversationRules.Message(
            new Message(message.Role == "developer" ? "system" : message.Role ?? "", TextOf(message.Content, $"{field}.content"))
            {
                Name = message.Name,
                ToolCalls = ConversationRules.Objects(message.ToolCalls, $"{field}.tool_calls"),
                ToolCallId = message.ToolCallId,
                ReasoningContent = message.ReasoningContent,
            },
            field);

    private static void RequireChoice(JsonElement? choice)
    {
        var served = choice is null or { ValueKind: JsonValueKind.Null }
            || (choice.Value.ValueKind == JsonValueKind.String && (choice.Value.ValueEquals("auto") || choice.Value.ValueEquals("none")));
        if (!served)
        {
            throw GenerationException.Invalid(
                "tool_choice", "forces a call, which is not served; leave it away, or say \"auto\" or \"none\"");
        }
    }

    private static string? TextOf(JsonElement? content, string field)
    {
        switch (content?.ValueKind)
        {
            case null or JsonValueKind.Null or JsonValueKind.Undefined:
                return null;
            case JsonValueKind.String:
                return Text(content.Value, field);
            case JsonValueKind.Array:
                return string.Concat(content.Value.EnumerateArray().Select((part, i) => TextOfPart(part, $"{field}[{i}]")));
            default:
                throw GenerationException.Invalid(field, "is neither a text nor a list of parts");
        }
    }

    private static string TextOfPart(JsonElement part, string field)
    {
        if (part.ValueKind != JsonValueKind.Object || !part.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String)
        {
            throw GenerationException.Invalid(field, "is no part: an object whose type is a text");
        }

        return type.ValueEquals("text") && part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String
            ? Text(text, $"{field}.text")
            : throw GenerationException.Invalid(field, "is no text; only parts {\"type\": \"text\", \"text\": \"…\"} are served");
    }

    private static string Text(JsonElement text, string field)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw GenerationException.Invalid(field, "holds half a character (an unpaired surrogate)");
        }
    }
}
