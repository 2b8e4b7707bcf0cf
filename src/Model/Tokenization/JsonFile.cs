using System.Text.Json;

namespace Orca.Model.Tokenization;

/// <summary>Reads JSON files of a model so that every fault in them becomes one sentence.</summary>
internal static class JsonFile
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Reads a value out of a file.</summary>
    /// <exception cref="ModelFormatException">The file is not JSON, or a member is missing or has the wrong type.</exception>
    public static T Parse<T>(ReadOnlyMemory<byte> file, string source, Func<JsonElement, T> read)
    {
        try
        {
            using var json = JsonDocument.Parse(ByteOrderMark.Skip(file), Lenient);
            return read(json.RootElement);
        }
        catch (JsonException fault)
        {
            throw new ModelFormatException(
                $"{source} is not whole JSON (line {fault.LineNumber + 1}); fetch the file anew from where the model is published.", fault);
        }
        catch (FormatException fault)
        {
            throw new ModelFormatException(OnOneLine($"{source} {fault.Message}; take the file as the model's publisher wrote it."), fault);
        }
        catch (ModelFormatException fault) when (OnOneLine(fault.Message) != fault.Message)
        {
            throw new ModelFormatException(OnOneLine(fault.Message), fault);
        }
        catch (Exception fault) when (fault is InvalidOperationException or OverflowException or ArgumentException)
        {
            throw new ModelFormatException(
                $"{source} holds a value of the wrong type or a text that is no Unicode; take the file as the model's publisher wrote it.",
                fault);
        }
    }

    /// <summary>A member that may be absent or null.</summary>
    public static JsonElement? Optional(this JsonElement element, string member) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(member, out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    /// <summary>A member that must be there.</summary>
    /// <exception cref="FormatException">It is absent or null.</exception>
    public static JsonElement Required(this JsonElement element, string member) =>
        element.Optional(member) ?? throw new FormatException($"has no member '{member}' where one is needed");

    /// <summary>A member that is a text.</summary>
    /// <exception cref="FormatException">It is absent, or something else.</exception>
    public static string Text(this JsonElement element, string member) => element.Required(member).AsText(member);

    /// <summary>A value as a text.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static string AsText(this JsonElement element, string member) =>
        element.ValueKind == JsonValueKind.String ? element.GetString()! : throw Wrong(element, member, "a text");

    /// <summary>A value as a whole number.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static int AsInteger(this JsonElement element, string member) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var number)
            ? number
            : throw Wrong(element, member, "a whole number");

    /// <summary>The elements of a member that is a list.</summary>
    /// <exception cref="FormatException">It is absent, or something else.</exception>
    public static JsonElement.ArrayEnumerator Items(this JsonElement element, string member) =>
        element.Required(member) is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray()
            : throw Wrong(element.Required(member), member, "a list");

    /// <summary>The members of a member that is an object.</summary>
    /// <exception cref="FormatException">It is absent, or something else.</exception>
    public static JsonElement.ObjectEnumerator Members(this JsonElement element, string member) =>
        element.Required(member) is { ValueKind: JsonValueKind.Object } value
            ? value.EnumerateObject()
            : throw Wrong(element.Required(member), member, "an object");

    /// <summary>A switch that is off where it is absent.</summary>
    /// <exception cref="FormatException">It is no switch.</exception>
    public static bool IsOn(this JsonElement element, string member, bool otherwise = false) => element.Flag(member) ?? otherwise;

    /// <summary>A switch; null where it is absent.</summary>
    /// <exception cref="FormatException">It is no switch.</exception>
    public static bool? Flag(this JsonElement element, string member) => element.Optional(member) is not { } value ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Wrong(value, member, "true or false");

    // What a message quotes from a file may hold anything, at any length.
    private static string OnOneLine(string message)
    {
        const int Longest = 700;
        var shown = message.Length <= Longest ? message : $"{message[..(Longest / 2)]}…{message[^(Longest / 2)..]}";
        return string.Concat(shown.Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter));
    }

    private static FormatException Wrong(JsonElement element, string member, string wanted) =>
        new($"has a member '{member}' that is {KindOf(element)} where {wanted} is needed");

    private static string KindOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => $"the number {element.GetRawText()}",
        JsonValueKind.True or JsonValueKind.False => element.GetRawText(),
        _ => "null",
    };
}
