using System.Text.Json;

namespace Orca.Streams.Teachers;

/// <summary>What a chat endpoint's reply says: the parts that a trace keeps.</summary>
internal sealed record ChatReply(string Text, TeacherFinish Finish, int PromptTokens, int CompletionTokens)
{
    /// <summary>Reads a reply's JSON.</summary>
    /// <exception cref="JsonException">It is no JSON, or no chat completion.</exception>
    public static ChatReply Parse(ReadOnlyMemory<byte> body)
    {
        using var json = JsonDocument.Parse(body);
        var reply = json.RootElement;
        if (reply.ValueKind != JsonValueKind.Object
            || !reply.TryGetProperty("choices", out var choices)
            || choices.ValueKind != JsonValueKind.Array
            || choices.GetArrayLength() == 0
            || choices[0].ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("no choices");
        }

        var choice = choices[0];
        var text = choice.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.Object
            ? TextOf(message, "content") ?? ""
            : throw new JsonException("no message");
        return new ChatReply(
            text, FinishOf(TextOf(choice, "finish_reason")), TokensOf(reply, "prompt_tokens"), TokensOf(reply, "completion_tokens"));
    }

    private static TeacherFinish FinishOf(string? reason) => reason switch
    {
        "stop" or "end_turn" or "eos" => TeacherFinish.Stop,
        "length" or "max_tokens" => TeacherFinish.Length,
        "content_filter" => TeacherFinish.Filtered,
        _ => TeacherFinish.Unknown,
    };

    private static string? TextOf(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int TokensOf(JsonElement reply, string name) =>
        reply.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object
        && usage.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var tokens)
            ? tokens
            : 0;
}
