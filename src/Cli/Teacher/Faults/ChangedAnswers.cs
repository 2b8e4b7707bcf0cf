using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Orca.Cli.Teacher.Faults;

/// <summary>Answers of another form than most endpoints give them.</summary>
internal static class ChangedAnswers
{
    private const string Thought = "Let me see. The answer is 99 perhaps. No.";

    public static readonly ImmutableArray<ChangedAnswer> All =
    [
        new("parts", "the text in parts, a thought before it", reply => Message(reply)["content"] = new JsonArray(
            new JsonObject { ["type"] = "thinking", ["thinking"] = new JsonArray(Part(Thought)) }, Part(Text(reply)))),
        new("content-null", "no text", reply => Message(reply)["content"] = null),
        new("content-empty", "an empty text", reply => Message(reply)["content"] = ""),
        new("content-filter", "withheld by a filter", reply =>
            (Message(reply)["content"], Choice(reply)["finish_reason"]) = ("", "content_filter")),
        new("refusal", "the model will not answer, in a field of its own", reply =>
            (Message(reply)["content"], Message(reply)["refusal"]) = (null, "I can't help with that.")),
        new("tool-call", "a call of a tool", reply =>
        {
            Message(reply)["content"] = null;
            Message(reply)["tool_calls"] = new JsonArray(new JsonObject
            {
                ["id"] = "call_1",
                ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = "calculator", ["arguments"] = "{}" },
            });
            Choice(reply)["finish_reason"] = "tool_calls";
        }),
        new("truncated", "half of the text, cut for its length", reply =>
            (Message(reply)["content"], Choice(reply)["finish_reason"]) = (Half(Text(reply)), "length")),
        new("no-usage", "no count of tokens", reply => reply.Remove("usage")),
        new("no-model", "no name of the model", reply => reply.Remove("model")),
        new("reasoning-field", "a thought in a field of its own", reply => Message(reply)["reasoning_content"] = Thought),
        new("reasoning-only", "the text where others put their thoughts", reply =>
            (Message(reply)["reasoning_content"], Message(reply)["content"]) = (Text(reply), null)),
        new("reasoning-tags", "a thought in tags before the text", reply =>
            Message(reply)["content"] = $"<think>\n{Thought}\n</think>\n\n{Text(reply)}"),
        new("finish-null", "no reason why it ended", reply => Choice(reply)["finish_reason"] = null),
        new("finish-eos", "ended at eos_token", reply => Choice(reply)["finish_reason"] = "eos_token"),
        new("no-choices", "a completion without choices", reply => reply["choices"] = new JsonArray()),
    ];

    private static JsonObject Choice(JsonObject reply) => (JsonObject)reply["choices"]![0]!;

    private static JsonObject Message(JsonObject reply) => (JsonObject)Choice(reply)["message"]!;

    private static string Text(JsonObject reply) => (string)Message(reply)["content"]!;

    private static JsonObject Part(string text) => new() { ["type"] = "text", ["text"] = text };

    private static string Half(string text) => text[..(text.Length / 2)].TrimEnd('\uD83C', '\uD83D', '\uD83E');
}
