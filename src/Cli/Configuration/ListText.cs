using System.Collections.Immutable;
using System.Text.Json;

namespace Orca.Cli.Configuration;

/// <summary>
/// Lists and maps in places that have only text (a variable, a flag): items separated by commas, the spaces around them meaning
/// nothing; or a JSON array or object, whose items stand as they are, commas and spaces included.
/// </summary>
internal static class ListText
{
    /// <summary>
    /// The items of a list, or the <c>name=value</c> pairs of a map; null for a text in brackets that is no JSON of that kind.
    /// </summary>
    public static ImmutableArray<string>? Items(string text)
    {
        var bare = text.Trim();
        return bare is ['[', .., ']'] or ['{', .., '}']
            ? OfJson(bare)
            : [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
    }

    /// <summary>
    /// The items of a JSON array, or the <c>name=value</c> pairs of a JSON object; null where one of them is no text, number, true or
    /// false.
    /// </summary>
    public static ImmutableArray<string>? Items(JsonElement list)
    {
        var items = list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Select(Scalar)
            : list.EnumerateObject().Select(pair => Scalar(pair.Value) is { } value ? $"{pair.Name}={value}" : null);
        ImmutableArray<string?> read = [.. items];
        return read.Contains(null) ? null : read.CastArray<string>();
    }

    /// <summary>A JSON value as text; null where it is none of one line.</summary>
    public static string? Scalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };

    private static ImmutableArray<string>? OfJson(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return Items(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or half a character in it.
            return null;
        }
    }
}
