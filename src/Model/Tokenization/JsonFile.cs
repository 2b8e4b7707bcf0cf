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
            using var json = JsonDocument.Parse(file, Lenient);
            return read(json.RootElement);
        }
        catch (JsonException e)
        {
            throw new ModelFormatException($"{source} is not JSON (line {e.LineNumber + 1}); copy the file again.", e);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException or OverflowException)
        {
            throw new ModelFormatException($"{source} has a member that is missing or of the wrong type; copy the file again.", e);
        }
    }

    /// <summary>A member that may be absent or null.</summary>
    public static JsonElement? Optional(this JsonElement element, string member) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(member, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A switch that is off where it is absent.</summary>
    public static bool IsOn(this JsonElement element, string member, bool otherwise = false) => element.Optional(member)?.GetBoolean() ?? otherwise;
}
