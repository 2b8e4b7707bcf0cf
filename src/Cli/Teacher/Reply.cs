using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Orca.Cli.Teacher;

/// <summary>A chat completion on its way.</summary>
/// <param name="Completion">The completion.</param>
/// <param name="AsEvents">Whether it is sent in events.</param>
/// <param name="IncludeUsage">Whether the last event tells the tokens used.</param>
internal sealed record Reply(JsonObject Completion, bool AsEvents, bool IncludeUsage)
{
    private const int PieceCharacters = 16;

    /// <summary>Its type.</summary>
    public string Type => AsEvents ? "text/event-stream" : "application/json";

    /// <summary>All of it.</summary>
    public byte[] Body => AsEvents ? Events() : Encoding.UTF8.GetBytes(Completion.ToJsonString());

    /// <summary>A completion of one answer.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="model">The model that answered.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="promptTokens">Tokens of the prompt.</param>
    /// <param name="now">The time.</param>
    public static JsonObject CompletionOf(string id, string model, SolvedAnswer answer, int promptTokens, DateTimeOffset now) => new()
    {
        ["id"] = id,
        ["object"] = "chat.completion",
        ["created"] = now.ToUnixTimeSeconds(),
        ["model"] = model,
        ["choices"] = new JsonArray(new JsonObject
        {
            ["index"] = 0,
            ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = answer.Text, ["refusal"] = null },
            ["logprobs"] = null,
            ["finish_reason"] = answer.IsCut ? "length" : "stop",
        }),
        ["usage"] = new JsonObject
        {
            ["prompt_tokens"] = promptTokens,
            ["completion_tokens"] = answer.Tokens,
            ["total_tokens"] = promptTokens + answer.Tokens,
        },
    };

    /// <summary>It as events, all at once.</summary>
    public byte[] Events() => Encoding.UTF8.GetBytes(string.Concat(Pieces()));

    /// <summary>It as events: a role, the text in pieces, why it ended, the tokens used where that is wanted, and the end.</summary>
    public IEnumerable<string> Pieces()
    {
        if (Completion["choices"] is not JsonArray { Count: > 0 } choices)
        {
            yield return Event(Completion.DeepClone());
            yield break;
        }

        var message = (JsonObject)choices[0]!["message"]!;
        var text = message["content"] is JsonValue value && value.TryGetValue<string>(out var content) ? content : "";
        var head = (JsonObject)message.DeepClone();
        head["content"] = text.Length > 0 ? "" : head["content"]?.DeepClone();
        yield return Chunk(head, null);
        for (var start = 0; start < text.Length;)
        {
            var length = Math.Min(PieceCharacters, text.Length - start);
            length += char.IsHighSurrogate(text[start + length - 1]) && start + length < text.Length ? 1 : 0;
            yield return Chunk(new JsonObject { ["content"] = text.Substring(start, length) }, null);
            start += length;
        }

        yield return Chunk([], choices[0]!["finish_reason"]?.DeepClone());
        if (IncludeUsage && Completion["usage"] is { } usage)
        {
            var last = Frame([]);
            last["usage"] = usage.DeepClone();
            yield return Event(last);
        }

        yield return "data: [DONE]\n\n";
    }

    private string Chunk(JsonObject delta, JsonNode? reason) => Event(Frame(
        [new JsonObject { ["index"] = 0, ["delta"] = delta, ["logprobs"] = null, ["finish_reason"] = reason }]));

    private JsonObject Frame(JsonArray choices) => new()
    {
        ["id"] = Completion["id"]?.DeepClone(),
        ["object"] = "chat.completion.chunk",
        ["created"] = Completion["created"]?.DeepClone(),
        ["model"] = Completion["model"]?.DeepClone(),
        ["choices"] = choices,
    };

    private static string Event(JsonNode node) => string.Create(CultureInfo.InvariantCulture, $"data: {node.ToJsonString()}\n\n");
}
