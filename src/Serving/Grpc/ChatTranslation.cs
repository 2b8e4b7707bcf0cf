using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Orca.Model.Prompting;
using Orca.Protocol.Inference.V1;
using Orca.Serving.Requests;

namespace Orca.Serving.Grpc;

/// <summary>A conversation of the wire contract as the engine takes it.</summary>
internal static class ChatTranslation
{
    /// <summary>Translates.</summary>
    /// <exception cref="GenerationException">It is given in two ways at once, or some JSON in it is malformed.</exception>
    public static PromptInput.Chat ToPrompt(this ChatPrompt chat)
    {
        if (chat.Messages.Count > 0 && (chat.SystemMessage.Length > 0 || chat.UserMessage.Length > 0 || chat.EarlierTurns.Count > 0))
        {
            throw GenerationException.Invalid(
                "chat.messages", "stand beside system_message, user_message or earlier_turns; give the conversation in one way");
        }

        var messages = chat.Messages.Count > 0
            ? [.. chat.Messages.Select((message, i) => ToMessage(message, $"chat.messages[{i}]"))]
            : Conversation.Of(
                chat.SystemMessage, [.. chat.EarlierTurns.Select(turn => new Turn(turn.UserMessage, turn.AssistantMessage))],
                chat.UserMessage).Messages;
        return ConversationRules.Conversation(
            messages,
            ConversationRules.Objects(Parse(chat.ToolsJson, "chat.tools_json"), "chat.tools_json"),
            Arguments(chat.TemplateArgumentsJson),
            chat.HasAddGenerationPrompt ? chat.AddGenerationPrompt : null,
            chat.ContinueFinalMessage);
    }

    private static Message ToMessage(ChatMessage message, string field) => ConversationRules.Message(
        new Message(message.Role, message.HasContent ? message.Content : null)
        {
            Name = OrNull(message.Name),
            ToolCalls = ConversationRules.Objects(Parse(message.ToolCallsJson, $"{field}.tool_calls_json"), $"{field}.tool_calls_json"),
            ToolCallId = OrNull(message.ToolCallId),
            ReasoningContent = OrNull(message.ReasoningContent),
        },
        field);

    private static ImmutableDictionary<string, JsonElement> Arguments(string json)
    {
        const string Field = "chat.template_arguments_json";
        return Parse(json, Field) switch
        {
            null => ImmutableDictionary<string, JsonElement>.Empty,
            { ValueKind: JsonValueKind.Object } members => ConversationRules.Arguments(
                members.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, member.Value)), Field),
            _ => throw GenerationException.Invalid(Field, "is no JSON object"),
        };
    }

    private static JsonElement? Parse(string json, string field)
    {
        if (json.Length == 0)
        {
            return null;
        }

        var text = Encoding.UTF8.GetBytes(json);
        if (JsonText.FaultOf(text) is { } fault)
        {
            throw GenerationException.Invalid(fault.Field.Length > 0 ? $"{field}: {fault.Field}" : field, fault.Message);
        }

        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    private static string? OrNull(string text) => text.Length > 0 ? text : null;
}
