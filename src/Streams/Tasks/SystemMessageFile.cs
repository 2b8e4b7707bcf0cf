using System.Collections.Immutable;
using System.Text.Json;

namespace Orca.Streams.Tasks;

/// <summary>
/// Reads system messages from a JSON file: a list of messages, or an object with such a list as <c>messages</c>. A
/// message has <c>id</c> (string or number), <c>text</c> and <c>used_for</c> (collections); it may have <c>stages</c>,
/// <c>multiple_choice_only</c> and <c>weight</c>.
/// </summary>
/// <remarks>
/// The object form is the published one: its collections <c>niv</c> and <c>flan</c> are read as <c>niv2</c> and
/// <c>flan2021</c>, and its messages 8 and 10 are for multiple choice alone, at half weight.
/// </remarks>
public static class SystemMessageFile
{
    /// <summary>The messages of a file.</summary>
    /// <exception cref="TaskFormatException">The file is missing or malformed; the message names it and what is wrong.</exception>
    public static ImmutableArray<SystemMessage> Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return Parse(path, document.RootElement);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new TaskFormatException($"System messages '{path}' cannot be read: {fault.Message}", fault);
        }
    }

    private static ImmutableArray<SystemMessage> Parse(string path, JsonElement root)
    {
        var published = root.ValueKind == JsonValueKind.Object;
        var list = published && root.TryGetProperty("messages", out var inner) ? inner : root;
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
        {
            throw new TaskFormatException($"System messages '{path}': expected a JSON list of messages with id, text and used_for, or an "
                + "object with that list as 'messages'");
        }

        return [.. list.EnumerateArray().Select((message, index) => Message(path, message, index, published))];
    }

    private static SystemMessage Message(string path, JsonElement message, int index, bool published)
    {
        TaskFormatException Fault(string expected) => new($"System messages '{path}': message {index + 1} needs {expected}");

        if (message.ValueKind != JsonValueKind.Object)
        {
            throw Fault("to be an object with id, text and used_for");
        }

        var id = Field(message, "id") is { ValueKind: JsonValueKind.String or JsonValueKind.Number } name
            ? name.ToString()
            : throw Fault("an 'id' that is a string or a number");
        var text = Field(message, "text") is { ValueKind: JsonValueKind.String } given
            ? given.GetString()!
            : throw Fault("a 'text' that is a string");
        var usedFor = Strings(message, "used_for") ?? throw Fault("a 'used_for' that lists collections");
        var stages = Strings(message, "stages") ?? (Field(message, "stages") is null ? [] : throw Fault("'stages' to list names"));
        var forChoice = published && id is ("8" or "10");
        return new SystemMessage
        {
            Id = id,
            Text = text,
            UsedFor = published ? [.. usedFor.Select(OwnName)] : usedFor,
            Stages = stages,
            MultipleChoiceOnly = Field(message, "multiple_choice_only") switch
            {
                null => forChoice,
                { ValueKind: JsonValueKind.True } => true,
                { ValueKind: JsonValueKind.False } => false,
                _ => throw Fault("'multiple_choice_only' to be true or false"),
            },
            Weight = Field(message, "weight") switch
            {
                null => forChoice ? 0.5 : 1,
                { ValueKind: JsonValueKind.Number } weight => weight.GetDouble(),
                _ => throw Fault("'weight' to be a number"),
            },
        };
    }

    private static JsonElement? Field(JsonElement message, string name) => message.TryGetProperty(name, out var value) ? value : null;

    private static ImmutableArray<string>? Strings(JsonElement message, string name) =>
        Field(message, name) is { ValueKind: JsonValueKind.Array } list
            && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. list.EnumerateArray().Select(item => item.GetString()!)]
            : null;

    private static string OwnName(string collection) => collection switch { "niv" => "niv2", "flan" => "flan2021", _ => collection };
}
