using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Orca.Streams.Teachers.Endpoints;

/// <summary>Writes a request to a chat endpoint as JSON.</summary>
internal static class ChatRequestBody
{
    /// <summary>The body: messages and parameters, less what the endpoint's settings leave out, and with what they add.</summary>
    public static string Of(IEnumerable<ChatMessage> messages, ChatOptions? chat, EndpointOptions options)
    {
        var body = new JsonObject
        {
            ["model"] = chat?.ModelId ?? options.Model,
            ["messages"] = new JsonArray([.. messages.Select(MessageOf)]),
            ["temperature"] = chat?.Temperature is { } temperature ? Exact(temperature) : null,
            ["top_p"] = chat?.TopP is { } topP ? Exact(topP) : null,
            [options.LengthField] = chat?.MaxOutputTokens,
            ["seed"] = chat?.Seed,
            ["stop"] = chat?.StopSequences is { Count: > 0 } stops
                ? new JsonArray([.. stops.Select(stop => JsonValue.Create(stop))])
                : null,
        };
        foreach (var name in body.Where(pair => pair.Value is null).Select(pair => pair.Key).Concat(options.LeaveOut).ToList())
        {
            body.Remove(name);
        }

        foreach (var (name, json) in options.Add)
        {
            body[name] = JsonNode.Parse(json);
        }

        return body.ToJsonString();
    }

    private static JsonNode MessageOf(ChatMessage message) =>
        new JsonObject { ["role"] = message.Role.Value, ["content"] = message.Text };

    // 0.7, where a widened single would be sent as 0.699999988079071.
    private static double Exact(float value) => (double)(decimal)value;
}
