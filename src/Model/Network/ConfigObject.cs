using System.Collections.Immutable;
using System.Text.Json;

namespace Orca.Model.Network;

/// <summary>An object of a JSON file, whose every fault is one sentence that names file, key, finding and need.</summary>
internal sealed class ConfigObject
{
    private readonly string source;
    private readonly JsonElement element;

    private ConfigObject(string source, JsonElement element)
    {
        this.source = source;
        this.element = element;
    }

    public static ConfigObject Open(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new ConfigObject($"'{path}'", document.RootElement.Clone())
                : throw new ModelFormatException($"'{path}' holds a JSON {document.RootElement.ValueKind}; it must be an object.");
        }
        catch (JsonException e)
        {
            throw new ModelFormatException($"'{path}' is no JSON: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException($"'{path}' cannot be read: {e.Message}", e);
        }
    }

    public ConfigObject? Child(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } child => new ConfigObject($"{source}, {key}", child),
        { } other => throw Fault(key, Shown(other), "an object"),
    };

    public string? Text(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { } other => throw Fault(key, Shown(other), "a text"),
    };

    public bool Boolean(string key) => Find(key) switch
    {
        null => false,
        { ValueKind: JsonValueKind.True or JsonValueKind.False } value => value.GetBoolean(),
        { } other => throw Fault(key, Shown(other), "true or false"),
    };

    public int Integer(string key, int? fallback = null) => Find(key) switch
    {
        null => fallback ?? throw new ModelFormatException($"{source} has no {key}; it is required."),
        { } value => Integer(key, value),
    };

    public double Number(string key, double? fallback = null) => Find(key) switch
    {
        null => fallback ?? throw new ModelFormatException($"{source} has no {key}; it is required."),
        { ValueKind: JsonValueKind.Number } value when double.IsFinite(value.GetDouble()) => value.GetDouble(),
        { } other => throw Fault(key, Shown(other), "a finite number"),
    };

    /// <summary>One integer, a list of them, or none.</summary>
    public ImmutableArray<int> Integers(string key) => Find(key) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(item => Integer(key, item))],
        { } value => [Integer(key, value)],
    };

    public void RequireText(string key, string wanted, string reason)
    {
        if (Text(key) is { } found && found != wanted)
        {
            throw new ModelFormatException($"{source}: {key} is '{found}'; {reason} ('{wanted}').");
        }
    }

    public void RequireFalse(string key)
    {
        if (Boolean(key))
        {
            throw new ModelFormatException($"{source}: {key} is true; projections with a bias are not supported.");
        }
    }

    public ModelFormatException Fault(string key, object found, string wanted) =>
        new(FormattableString.Invariant($"{source}: {key} is {found}; it must be {wanted}."));

    private int Integer(string key, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
            ? number
            : throw Fault(key, Shown(value), "a whole number of 32 bits");

    // An explicit null means the same as absence, as in Hugging Face's files.
    private JsonElement? Find(string key) =>
        element.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string Shown(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= 40 ? text : text[..40] + "…";
    }
}
