using System.Text;
using System.Text.Json;

namespace Orca.Cli.Teacher;

/// <summary>What a chat request asks.</summary>
internal sealed record ChatRequest
{
    /// <summary>The model asked; empty where none is named.</summary>
    public required string Model { get; init; }

    /// <summary>Text of the last message of the user.</summary>
    public required string Question { get; init; }

    /// <summary>Text of the system's messages.</summary>
    public required string SystemMessage { get; init; }

    /// <summary>Tokens of all messages, see <see cref="Tokens"/>.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>Tokens that the answer may have; null for any number.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Whether the likeliest answer is wanted: temperature 0.</summary>
    public bool IsGreedy { get; init; }

    /// <summary>Whether the answer is wanted in events.</summary>
    public bool Stream { get; init; }

    /// <summary>Whether the last event is to tell the tokens used.</summary>
    public bool IncludeUsage { get; init; }

    /// <summary>Reads a request's JSON.</summary>
    /// <returns>The request, or what is wrong with it.</returns>
    public static (ChatRequest? Request, string? Fault) Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return Of(json.RootElement);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return (null, $"We could not parse the JSON body of your request. ({failure.Message})");
        }
    }

    /// <summary>Reads a request's JSON.</summary>
    public static (ChatRequest? Request, string? Fault) Of(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("messages", out var messages)
            || messages.ValueKind != JsonValueKind.Array || messages.GetArrayLength() == 0)
        {
            return (null, "Missing required parameter: 'messages'.");
        }

        var texts = messages.EnumerateArray().Select(message => (Role: TextOf(message, "role"), Text: ContentOf(message))).ToList();
        return (new ChatRequest
        {
            Model = TextOf(body, "model"),
            Question = texts.LastOrDefault(message => message.Role == "user").Text ?? "",
            SystemMessage = string.Concat(texts.Where(message => message.Role is "system" or "developer").Select(message => message.Text)),
            PromptTokens = texts.Sum(message => Tokens.PerMessage + Tokens.Of(message.Text)),
            MaxTokens = NumberOf(body, "max_completion_tokens") ?? NumberOf(body, "max_tokens"),
            IsGreedy = body.TryGetProperty("temperature", out var temperature) && temperature.ValueKind == JsonValueKind.Number
                && temperature.TryGetDouble(out var value) && value == 0,
            Stream = body.TryGetProperty("stream", out var stream) && stream.ValueKind == JsonValueKind.True,
            IncludeUsage = body.TryGetProperty("stream_options", out var options) && options.ValueKind == JsonValueKind.Object
                && options.TryGetProperty("include_usage", out var usage) && usage.ValueKind == JsonValueKind.True,
        }, null);
    }

    private static string ContentOf(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("content", out var content))
        {
            return "";
        }

        return content.ValueKind == JsonValueKind.Array
            ? string.Concat(content.EnumerateArray().Select(part => TextOf(part, "text")))
            : content.ValueKind == JsonValueKind.String ? content.GetString()! : "";
    }

    private static string TextOf(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";

    private static int? NumberOf(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
        && number > 0
            ? number
            : null;
}

/// <summary>What counts as a token here: four bytes, the last one begun. No tokenizer is needed to check the books.</summary>
internal static class Tokens
{
    /// <summary>Tokens that a message has besides its text.</summary>
    public const int PerMessage = 4;

    private const int Bytes = 4;

    /// <summary>Tokens of a text.</summary>
    public static int Of(string text) => (Encoding.UTF8.GetByteCount(text) + Bytes - 1) / Bytes;

    /// <summary>The beginning of a text that has so many tokens at most, whole characters alone.</summary>
    public static string First(string text, int most)
    {
        var (length, bytes) = (0, 0L);
        foreach (var rune in text.EnumerateRunes())
        {
            if ((bytes += rune.Utf8SequenceLength) > (long)most * Bytes)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return text[..length];
    }
}
