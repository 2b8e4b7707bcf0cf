using System.Text.Json;

namespace Orca.Streams.Tasks.Records;

/// <summary>
/// Reads a conversation of one question: a system message where there is one, the user's, and the assistant's where there is one.
/// </summary>
internal static class JsonConversation
{
    private const string Expected = "expected at most one system message, one of the user and at most one of the assistant, in this order.";

    /// <summary>
    /// The question, or one sentence on what is wrong. An answer labelled as undesired (<c>label: false</c>) is left out.
    /// </summary>
    /// <param name="record">The record.</param>
    /// <param name="messages">Its messages: <c>role</c> and <c>content</c>, or <c>from</c> and <c>value</c>.</param>
    /// <param name="system">A system message beside them; null for none.</param>
    /// <param name="collection">The collection.</param>
    /// <param name="task">The task.</param>
    public static (TaskQuery? Query, string? Fault) Read(
        JsonElement record, IReadOnlyList<JsonElement> messages, string? system, string collection, string task)
    {
        if (messages.Any(message => message.ValueKind != JsonValueKind.Object))
        {
            return (null, $"The record's messages are no list of messages; {Expected}");
        }

        var turns = messages.Select(message => (Role: RoleOf(message), Content: ContentOf(message))).ToList();
        if (turns.FirstOrDefault(turn => turn.Content.Other is not null) is { Content.Other: { } other })
        {
            return (null, $"The record has a message with a part of the type '{other}'; expected text alone.");
        }

        var first = turns is [("system", _), ..] ? turns[0].Content.Text ?? "" : null;
        var asked = turns.Skip(first is null ? 0 : 1).Select(turn => (turn.Role, turn.Content.Text)).ToList();
        if (asked is not ([("user", { }), ("assistant", _)] or [("user", { })]))
        {
            return (null, $"The record is a conversation of {string.Join(", ", turns.Select(turn => turn.Role ?? "nobody"))}; {Expected}");
        }

        var isUndesired = record.TryGetProperty("label", out var label) && label.ValueKind == JsonValueKind.False;
        var prompt = asked[0].Text!;
        return (new TaskQuery
        {
            Id = TaskQuery.IdOf(collection, task, prompt, null),
            Collection = collection,
            Task = task,
            Prompt = prompt,
            Explanation = isUndesired ? null : asked.ElementAtOrDefault(1).Text,
            SystemMessage = first ?? system,
        }, null);
    }

    private static string? RoleOf(JsonElement message) =>
        (JsonRecord.Text(message, "role") ?? JsonRecord.Text(message, "from"))?.ToLowerInvariant() switch
        {
            "human" => "user",
            "gpt" or "chatgpt" or "bot" or "model" => "assistant",
            var other => other,
        };

    // A text, or parts of which each is one; else the type of a part that is none.
    private static (string? Text, string? Other) ContentOf(JsonElement message)
    {
        if (!message.TryGetProperty("content", out var content) && !message.TryGetProperty("value", out content))
        {
            return (null, null);
        }

        if (content.ValueKind != JsonValueKind.Array)
        {
            return (JsonRecord.TextOf(content), null);
        }

        var parts = content.EnumerateArray().ToList();
        var other = parts.FindIndex(part => part.ValueKind != JsonValueKind.Object || JsonRecord.Text(part, "text") is null);
        return other < 0
            ? (string.Concat(parts.Select(part => part.GetProperty("text").GetString())).Trim(), null)
            : (null, parts[other].ValueKind == JsonValueKind.Object ? JsonRecord.Text(parts[other], "type") ?? "none" : "none");
    }
}
