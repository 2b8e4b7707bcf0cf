using System.Collections.Immutable;
using System.Text.Json;
using Orca.Model.Prompting;
using Orca.Serving.Requests;

namespace Orca.Serving.OpenAi;

/// <summary>A conversation as the student's prompt template takes it: a system message, turns, and a question last.</summary>
internal static class ChatPrompts
{
    /// <summary>The prompt of a conversation.</summary>
    /// <exception cref="GenerationException">It has another order, or holds more than texts.</exception>
    public static PromptInput.Chat Of(ChatMessage[]? messages)
    {
        var rest = new Queue<(string Role, string Text)>((messages ?? []).Select((message, i) => (RoleOf(message, i), TextOf(message, i))));
        var system = rest.TryPeek(out var first) && first.Role == "system" ? rest.Dequeue().Text : "";
        var turns = ImmutableArray.CreateBuilder<Turn>();
        while (rest.Count > 1)
        {
            turns.Add(new Turn(Next(rest, "user"), Next(rest, "assistant")));
        }

        return rest.Count == 1 ? new PromptInput.Chat(system, Next(rest, "user")) { EarlierTurns = turns.ToImmutable() } : throw Misordered();
    }

    private static string Next(Queue<(string Role, string Text)> rest, string role) =>
        rest.TryDequeue(out var message) && message.Role == role ? message.Text : throw Misordered();

    private static GenerationException Misordered() => GenerationException.Invalid(
        "messages", "have an order this student has no form for; give one system message at most, first, then user and assistant by turns, a user's message last");

    private static string RoleOf(ChatMessage message, int i) => message.Role switch
    {
        "system" or "developer" => "system",
        "user" or "assistant" => message.Role,
        _ => throw GenerationException.Invalid($"messages[{i}].role", $"is '{message.Role}'; system, user and assistant are served"),
    };

    private static string TextOf(ChatMessage message, int i) => message.Content switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Array } parts => string.Concat(parts.EnumerateArray().Select(part => TextOf(part) ?? throw NoText(i))),
        _ => throw NoText(i),
    };

    private static string? TextOf(JsonElement part) =>
        part.ValueKind == JsonValueKind.Object
        && part.TryGetProperty("type", out var type) && type.ValueEquals("text")
        && part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()
            : null;

    private static GenerationException NoText(int i) => GenerationException.Invalid($"messages[{i}].content", "is no text; only texts are served");
}
