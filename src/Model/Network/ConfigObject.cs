using System.Collections.Immutable;
using System.Text.Json;

namespace Orca.Model.Network;

/// <summary>
/// An object of a JSON file, whose every fault is one sentence that names file, key, finding and need. It remembers which keys
/// were asked for, so that what nobody looked at can be refused. An explicit null means the same as absence, as in Hugging Face's files.
/// </summary>
internal sealed class ConfigObject
{
    private readonly string source;
    private readonly Dictionary<string, JsonElement> members;
    private readonly HashSet<string> read = [];

    private ConfigObject(string source, IEnumerable<KeyValuePair<string, JsonElement>> members)
    {
        this.source = source;
        this.members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (key, value) in members)
        {
            // Of a key that stands twice the last counts, as elsewhere.
            this.members[key] = value;
        }
    }

    public static ConfigObject Open(string path)
    {
        var kind = FileKind.Of(path);
        if (kind is not null)
        {
            throw new ModelFormatException($"'{path}' {kind}.");
        }

        try
        {
            using var document = JsonDocument.Parse(ByteOrderMark.Skip(File.ReadAllBytes(path)));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new ConfigObject($"'{path}'", MembersOf(document.RootElement.Clone()))
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

    /// <summary>Whether a key stands there, be it with null.</summary>
    public bool Names(string key) => members.ContainsKey(key);

    public ConfigObject? Child(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } child => new ConfigObject($"{source}, {key}", MembersOf(child)),
        { } other => throw Fault(key, Shown(other), "an object"),
    };

    /// <summary>The members of both; one that stands in both must be the same.</summary>
    public ConfigObject With(ConfigObject other)
    {
        foreach (var (key, value) in other.members)
        {
            if (Find(key) is { } own && value.ValueKind != JsonValueKind.Null && !JsonElement.DeepEquals(own, value))
            {
                throw Fault(key, Shown(own), $"the same as in {other.source}, which has {Shown(value)}");
            }
        }

        return new ConfigObject(source, members.Concat(other.members.Where(member => member.Value.ValueKind != JsonValueKind.Null)));
    }

    public string? Text(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { } other => throw Fault(key, Shown(other), "a text"),
    };

    /// <summary>A list of texts; null where there is none.</summary>
    public ImmutableArray<string>? Texts(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
            [.. list.EnumerateArray().Select(item => item.GetString()!)],
        { } other => throw Fault(key, Shown(other), "a list of texts"),
    };

    public bool Boolean(string key, bool fallback = false) => Find(key) switch
    {
        null => fallback,
        { ValueKind: JsonValueKind.True or JsonValueKind.False } value => value.GetBoolean(),
        { } other => throw Fault(key, Shown(other), "true or false"),
    };

    public int Integer(string key, int? fallback = null) => Find(key) switch
    {
        null => fallback ?? throw new ModelFormatException($"{source} has no {key}; it is required."),
        { } value => Integer(key, value),
    };

    public double Number(string key, double? fallback = null) => OptionalNumber(key)
        ?? fallback ?? throw new ModelFormatException($"{source} has no {key}; it is required.");

    /// <summary>A finite number; null where there is none.</summary>
    public double? OptionalNumber(string key) => Find(key) switch
    {
        null => null,
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

    /// <summary>Throws where a key has another value than the one with which it changes nothing.</summary>
    /// <param name="key">The key.</param>
    /// <param name="neutral">That value, as JSON.</param>
    public void RequireNeutral(string key, string neutral)
    {
        using var wanted = JsonDocument.Parse(neutral);
        if (Find(key) is { } found && !JsonElement.DeepEquals(found, wanted.RootElement))
        {
            var wants = neutral == "null" ? "null or absent" : $"{neutral}, null or absent";
            throw Fault(key, Shown(found), $"{wants}: what else it says is not understood");
        }
    }

    /// <summary>Throws where a key is left that nobody asked for, has a value, and is not known to change nothing.</summary>
    public void RequireAllUnderstood(IReadOnlySet<string> harmless)
    {
        foreach (var (key, value) in members)
        {
            if (value.ValueKind != JsonValueKind.Null && !read.Contains(key) && !harmless.Contains(key))
            {
                throw new ModelFormatException(
                    $"{source}: the key '{Shortened(key)}' ({Shown(value)}) is not understood, so what it changes would be lost; "
                    + "take it out if it changes nothing in the network, or use a model without it.");
            }
        }
    }

    public ModelFormatException Fault(string key, object found, string wanted) =>
        new(FormattableString.Invariant($"{source}: {key} is {found}; it must be {wanted}."));

    private static IEnumerable<KeyValuePair<string, JsonElement>> MembersOf(JsonElement element) =>
        element.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, member.Value));

    private int Integer(string key, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
            ? number
            : throw Fault(key, Shown(value), "a whole number of 32 bits");

    private JsonElement? Find(string key)
    {
        read.Add(key);
        return members.TryGetValue(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    private static string Shown(JsonElement value) => Shortened(value.GetRawText().ReplaceLineEndings(" "));

    private static string Shortened(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
