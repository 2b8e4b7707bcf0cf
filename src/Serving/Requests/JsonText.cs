using System.Text.Json;
using System.Text.Unicode;

namespace Orca.Serving.Requests;

/// <summary>
/// Says what is wrong with a JSON text before anything is read from it: whatever passes here can be read without a further fault of its
/// form. Refused is also what two readers would understand differently: a name twice in one object, and half a surrogate pair.
/// </summary>
internal static class JsonText
{
    /// <summary>Objects and arrays within each other at most.</summary>
    public const int MaxDepth = 64;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth };

    /// <summary>What is wrong, and where; null where nothing is.</summary>
    /// <param name="json">The text in UTF-8, without a byte order mark.</param>
    /// <returns>The place as a path of names and positions, empty for the whole or where it is not JSON; and what is wrong there.</returns>
    public static FieldFault? FaultOf(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            return new FieldFault("", "is not UTF-8; send text in UTF-8");
        }

        if (json.Trim(" \t\r\n"u8).IsEmpty)
        {
            return new FieldFault("", "is not JSON: it is empty");
        }

        var reader = new Utf8JsonReader(json, Options);
        var open = new Stack<Place>();
        try
        {
            while (reader.Read())
            {
                if (Take(ref reader, open) is { } fault)
                {
                    return new FieldFault(PathOf(open), fault);
                }
            }

            return null;
        }
        catch (JsonException fault)
        {
            return new FieldFault("", $"is not JSON: {Plain(fault)}");
        }
    }

    private static string? Take(ref Utf8JsonReader reader, Stack<Place> open)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                Count(open);
                open.Push(new Place(reader.TokenType == JsonTokenType.StartObject ? new HashSet<string>(StringComparer.Ordinal) : null));
                return null;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                open.Pop();
                return null;
            case JsonTokenType.PropertyName:
                if (!TryRead(ref reader, out var name))
                {
                    return "has a name with half a surrogate pair; send whole characters";
                }

                var place = open.Peek();
                place.Name = name;
                return place.Names!.Add(name) ? null : "is there twice; give it once";
            case JsonTokenType.String:
                Count(open);
                return !reader.ValueIsEscaped || TryRead(ref reader, out _) ? null : "holds half a surrogate pair; send whole characters";
            default:
                Count(open);
                return null;
        }
    }

    private static void Count(Stack<Place> open)
    {
        if (open.TryPeek(out var place) && place.Names is null)
        {
            place.Index++;
        }
    }

    private static bool TryRead(ref Utf8JsonReader reader, out string text)
    {
        try
        {
            text = reader.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            // Its only fault, where the bytes are UTF-8.
            text = "";
            return false;
        }
    }

    private static string PathOf(Stack<Place> open)
    {
        var path = "";
        foreach (var place in open.Reverse())
        {
            path += place.Names is null ? place.Index >= 0 ? $"[{place.Index}]" : ""
                : place.Name is null ? "" : path.Length > 0 ? $".{place.Name}" : place.Name;
        }

        return path;
    }

    // Without what the reader advises the program that uses it, and the place, which is told by its line.
    private static string Plain(JsonException fault)
    {
        var message = fault.Message.Split(" LineNumber")[0].Split(" Path:")[0].Split(" Change the reader options")[0];
        return $"{message.TrimEnd('.')} (line {fault.LineNumber + 1})";
    }

    /// <summary>Where one is within an object or an array.</summary>
    private sealed class Place(HashSet<string>? names)
    {
        /// <summary>An object's names so far; null for an array.</summary>
        public HashSet<string>? Names { get; } = names;

        public string? Name { get; set; }

        public int Index { get; set; } = -1;
    }
}
