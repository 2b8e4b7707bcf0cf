using System.Collections.Immutable;
using System.Text.Json;
using Orca.Model.Prompting;

namespace Orca.Serving.Requests;

/// <summary>What the parts of a conversation must be, whichever protocol brings them.</summary>
internal static class ConversationRules
{
    /// <summary>Checks a conversation as a whole.</summary>
    /// <param name="messages">Its messages, each checked by <see cref="Message"/>.</param>
    /// <param name="tools">Descriptions of tools; null for none.</param>
    /// <param name="arguments">Further variables of the template.</param>
    /// <param name="addGenerationPrompt">Whether the prompt opens an answer; null: unless the last message is continued.</param>
    /// <param name="continueFinalMessage">Whether the student goes on with the last message.</param>
    /// <exception cref="GenerationException">There is no message, or the two wishes exclude each other.</exception>
    public static PromptInput.Chat Conversation(
        ImmutableArray<Message> messages, JsonElement? tools, ImmutableDictionary<string, JsonElement> arguments,
        bool? addGenerationPrompt, bool continueFinalMessage)
    {
        if (messages.IsEmpty)
        {
            throw GenerationException.Invalid("messages", "are none; put at least one");
        }

        if (continueFinalMessage && addGenerationPrompt == true)
        {
            throw GenerationException.Invalid(
                "add_generation_prompt",
                "is true beside continue_final_message; the last message is continued or an answer is opened, not both");
        }

        return new PromptInput.Chat(new Conversation
        {
            Messages = messages,
            Tools = tools,
            Arguments = arguments,
            AddGenerationPrompt = addGenerationPrompt ?? !continueFinalMessage,
            ContinueFinalMessage = continueFinalMessage,
        });
    }

    /// <summary>Checks a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="field">Its path.</param>
    /// <exception cref="GenerationException">It has no role, or says nothing.</exception>
    public static Message Message(Message message, string field) => message switch
    {
        { Role.Length: 0 } => throw GenerationException.Invalid($"{field}.role", "is absent; say who speaks"),
        { Content: null, ToolCalls: null } =>
            throw GenerationException.Invalid($"{field}.content", "is absent; only a message that calls tools has none"),
        { ToolCalls: not null, Role: not "assistant" } =>
            throw GenerationException.Invalid($"{field}.tool_calls", "stand in a message that is not the assistant's"),
        _ => message,
    };

    /// <summary>A JSON list of objects; null where there is none, or it is empty.</summary>
    /// <exception cref="GenerationException">It is something else.</exception>
    public static JsonElement? Objects(JsonElement? json, string field)
    {
        if (json is null or { ValueKind: JsonValueKind.Null })
        {
            return null;
        }

        if (json.Value.ValueKind != JsonValueKind.Array)
        {
            throw GenerationException.Invalid(field, "is no list");
        }

        foreach (var (i, one) in json.Value.EnumerateArray().Index())
        {
            if (one.ValueKind != JsonValueKind.Object)
            {
                throw GenerationException.Invalid($"{field}[{i}]", "is no object");
            }
        }

        RequireTexts(json.Value, field);
        return json.Value.GetArrayLength() == 0 ? null : json.Value.Clone();
    }

    /// <summary>The members of a JSON object, as variables of a template.</summary>
    /// <exception cref="GenerationException">A text in them is no Unicode.</exception>
    public static ImmutableDictionary<string, JsonElement> Arguments(IEnumerable<KeyValuePair<string, JsonElement>> members, string field)
    {
        var arguments = ImmutableDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, value) in members)
        {
            RequireTexts(value, $"{field}.{name}");
            arguments[name] = value.Clone();
        }

        return arguments.ToImmutable();
    }

    // Half a surrogate pair stands in JSON as an escape that no text can be made of.
    private static void RequireTexts(JsonElement json, string field)
    {
        try
        {
            Visit(json);
        }
        catch (InvalidOperationException)
        {
            throw GenerationException.Invalid(field, "holds a text with half a character (an unpaired surrogate)");
        }

        static void Visit(JsonElement json)
        {
            switch (json.ValueKind)
            {
                case JsonValueKind.String:
                    json.GetString();
                    break;
                case JsonValueKind.Array:
                    json.EnumerateArray().ToList().ForEach(Visit);
                    break;
                case JsonValueKind.Object:
                    foreach (var member in json.EnumerateObject())
                    {
                        _ = member.Name;
                        Visit(member.Value);
                    }

                    break;
            }
        }
    }
}
