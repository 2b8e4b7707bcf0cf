using System.Text;
using System.Text.Json;

namespace Orca.Streams.Teachers.Endpoints;

/// <summary>Reads the body of a reply of status 200: a chat completion, one in events that nobody asked for, or an error.</summary>
internal static class ChatCompletion
{
    // No model's context holds as many.
    private const int MostTokens = 100_000_000;

    /// <summary>What the body says. Never throws.</summary>
    public static Attempt Read(byte[] body)
    {
        try
        {
            // Invalid UTF-8 becomes U+FFFD, here as in the store.
            var text = Encoding.UTF8.GetString(body).TrimStart('\uFEFF', ' ', '\r', '\n', '\t');
            text = LoneSurrogates.Replace(text);
            return IsEvents(text) ? FromEvents(text) : FromJson(text);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return Attempt.Malformed("no JSON, or not as it should be", failure);
        }
    }

    private static bool IsEvents(string text) =>
        ((string[])["data:", "event:", "id:", "retry:", ":"]).Any(start => text.StartsWith(start, StringComparison.Ordinal));

    private static Attempt FromJson(string text)
    {
        using var json = JsonDocument.Parse(text);
        var reply = json.RootElement;
        if (reply.ValueKind != JsonValueKind.Object)
        {
            return Attempt.Malformed("no object");
        }

        if (ChoiceOf(reply) is not { } choice)
        {
            return reply.TryGetProperty("error", out var error) && error.ValueKind is JsonValueKind.Object or JsonValueKind.String
                ? ChatFaults.Within(error)
                : Attempt.Malformed("no choices");
        }

        if (!choice.TryGetProperty("message", out var message) || message.ValueKind != JsonValueKind.Object)
        {
            return Attempt.Malformed("no message");
        }

        // A whole reply that does not say why it ended has ended.
        var answer = AssistantMessage.Of(message);
        return Answer(answer, TextOf(choice, "finish_reason") is { Length: > 0 } reason ? reason : "stop", reply);
    }

    private static Attempt FromEvents(string text)
    {
        var (answer, reason, last) = (new AssistantMessage("", "", "", false), (string?)null, (JsonElement?)null);
        foreach (var line in text.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("data:", StringComparison.Ordinal)))
        {
            var data = line[5..].Trim();
            if (data is "" or "[DONE]")
            {
                continue;
            }

            using var json = JsonDocument.Parse(data);
            var part = json.RootElement;
            if (part.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            if (part.TryGetProperty("error", out var error) && error.ValueKind != JsonValueKind.Null)
            {
                return ChatFaults.Within(error);
            }

            if (part.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object)
            {
                last = part.Clone();
            }

            if (ChoiceOf(part) is { } choice)
            {
                reason = TextOf(choice, "finish_reason") ?? reason;
                answer = choice.TryGetProperty("delta", out var delta) && delta.ValueKind == JsonValueKind.Object
                    ? answer.Plus(AssistantMessage.Of(delta))
                    : answer;
            }
        }

        // Events that stop without a reason were cut.
        return Answer(answer, reason ?? "", last ?? default);
    }

    private static Attempt Answer(AssistantMessage message, string reason, JsonElement reply)
    {
        var (kind, finish) = reason.ToLowerInvariant() switch
        {
            "stop" or "end_turn" or "eos" or "eos_token" or "stop_sequence" => (AttemptKind.Answered, TeacherFinish.Stop),
            "length" or "max_tokens" or "model_length" => (AttemptKind.Truncated, TeacherFinish.Length),
            "content_filter" or "safety" or "recitation" => (AttemptKind.Filtered, TeacherFinish.Filtered),
            "tool_calls" or "function_call" or "tool_use" => (AttemptKind.ToolCall, TeacherFinish.Unknown),
            "refusal" => (AttemptKind.Refused, TeacherFinish.Filtered),
            _ => (AttemptKind.Truncated, TeacherFinish.Unknown),
        };
        var (tagged, text) = ReasoningTags.Split(message.Text);
        var isBare = string.IsNullOrWhiteSpace(text);
        (kind, finish) = isBare && message.Refusal.Length > 0 ? (AttemptKind.Refused, TeacherFinish.Filtered)
            : isBare && message.CallsTools ? (AttemptKind.ToolCall, TeacherFinish.Unknown)
            : isBare && kind == AttemptKind.Answered ? (AttemptKind.Empty, finish)
            : (kind, finish);
        var (prompt, completion) = UsageOf(reply);
        return new Attempt(kind)
        {
            Text = kind == AttemptKind.Refused && isBare ? message.Refusal : text,
            Reasoning = message.IsReasoningAlone ? tagged : message.Reasoning + tagged,
            Finish = finish,
            PromptTokens = prompt,
            CompletionTokens = completion,
        };
    }

    private static JsonElement? ChoiceOf(JsonElement reply) =>
        reply.TryGetProperty("choices", out var choices) && choices.ValueKind == JsonValueKind.Array && choices.GetArrayLength() > 0
        && choices[0].ValueKind == JsonValueKind.Object
            ? choices[0]
            : null;

    private static string? TextOf(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // Half a count is none: what is missing would be free. What both come to tells the other half.
    private static (int Prompt, int Completion) UsageOf(JsonElement reply)
    {
        var (prompt, completion) = (TokensOf(reply, "prompt_tokens"), TokensOf(reply, "completion_tokens"));
        if (TokensOf(reply, "total_tokens") is { } total)
        {
            prompt ??= completion <= total ? total - completion : null;
            completion ??= prompt <= total ? total - prompt : null;
        }

        return prompt is { } asked && completion is { } answered ? (asked, answered) : (0, 0);
    }

    private static int? TokensOf(JsonElement reply, string name) =>
        reply.ValueKind == JsonValueKind.Object && reply.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object
        && usage.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var tokens)
        && tokens is >= 0 and <= MostTokens
            ? tokens
            : null;
}
