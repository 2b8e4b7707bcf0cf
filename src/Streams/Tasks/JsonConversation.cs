using System.Text.Json;

namespace Orca.Streams.Tasks;

/// <summary>
/// Reads a conversation of one question: a system message where there is one, the user's, and the assistant's where there is one.
/// </summary>
internal static class JsonConversation
{
    private const string Expected = "expected at most one system message, one of the user and at most one of the assistant, in this order.";

    /// <summary>
    /// The question, or one sentence on what is wrong. An answer labelled as undesired (<c>label: false</c>) is left out.
    /// </summary>
    public static (TaskQuery? Query, string? Fault) Read(JsonElement record, JsonElement messages, string collection, string task)
    {
        if (messages.ValueKind != JsonValueKind.Array || messages.EnumerateArray().Any(message => message.ValueKind != JsonValueKind.Object))
        {
            return (null, $"The record's 'messages' is no list of messages; {Expected}");
        }

        var turns = messages.EnumerateArray()
            .Select(message => (Role: JsonRecord.Text(message, "role"), Text: JsonRecord.Text(message, "content"))).ToList();
        var system = turns is [("system", _), ..] ? turns[0].Text ?? "" : null;
        var asked = turns.Skip(system is null ? 0 : 1).ToList();
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
            SystemMessage = system,
        }, null);
    }
}
