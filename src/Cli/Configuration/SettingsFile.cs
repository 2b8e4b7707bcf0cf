using System.Collections.Immutable;
using System.Text.Json;
using Orca.Model.Checkpoints;

namespace Orca.Cli.Configuration;

/// <summary>
/// Reads the settings file: one JSON object of sections; comments and trailing commas are allowed. A checkpoint's manifest has
/// the same name, and is told from it by what it holds.
/// </summary>
internal static class SettingsFile
{
    /// <summary>The file read when none is named.</summary>
    public const string DefaultName = "orca.json";

    private static readonly JsonDocumentOptions Lenient = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>Every value of the file.</summary>
    /// <exception cref="SettingsException">
    /// The file is missing, unreadable, no JSON object of sections, or a checkpoint's manifest.
    /// </exception>
    public static IEnumerable<SettingValue> Read(string path) => Read(path, isNamed: true);

    /// <summary>
    /// Every value of the file of the default name in the current folder; none where there is no such file, or it is a checkpoint's
    /// manifest.
    /// </summary>
    /// <exception cref="SettingsException">The file is unreadable, or no JSON object of sections.</exception>
    public static IEnumerable<SettingValue> ReadDefault() => File.Exists(DefaultName) ? Read(DefaultName, isNamed: false) : [];

    private static SettingValue[] Read(string path, bool isNamed)
    {
        try
        {
            return Values(path, isNamed);
        }
        catch (InvalidOperationException)
        {
            throw Fault($"Settings file '{path}' has a text with half a character (a \\ud8xx without its other half); write the whole "
                + "character.");
        }
    }

    private static SettingValue[] Values(string path, bool isNamed)
    {
        using var document = Parse(path);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw Fault($"Settings file '{path}' holds a JSON {document.RootElement.ValueKind}, not an object of sections; see the "
                + "README for its form.");
        }

        if (IsManifest(document.RootElement))
        {
            return isNamed
                ? throw Fault($"'{path}' is the manifest of a checkpoint, not a settings file; name another with --settings, or leave "
                    + "the flag away.")
                : [];
        }

        SettingValue[] values = [.. Flatten(document.RootElement, "", path)];
        var twice = values.GroupBy(value => KnownSetting.Find(value.Key)?.Key ?? value.Key).FirstOrDefault(group => group.Count() > 1);
        return twice is null ? values : throw Fault($"Settings file '{path}' gives '{twice.Key}' more than once; keep one of them.");
    }

    private static bool IsManifest(JsonElement root) =>
        root.TryGetProperty(CheckpointManifest.StepKey, out _) && root.TryGetProperty(CheckpointManifest.DigestsKey, out _);

    private static JsonDocument Parse(string path)
    {
        try
        {
            return JsonDocument.Parse(File.ReadAllText(path), Lenient);
        }
        catch (JsonException e)
        {
            throw Fault($"Settings file '{path}' is no JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine}; mend it or name "
                + "another with --settings.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Fault($"Settings file '{path}' cannot be read ({e.Message.TrimEnd('.')}); name another with --settings.");
        }
    }

    private static IEnumerable<SettingValue> Flatten(JsonElement section, string prefix, string path)
    {
        foreach (var property in section.EnumerateObject())
        {
            var key = prefix.Length == 0 ? property.Name : $"{prefix}.{property.Name}";
            var isSection = property.Value.ValueKind == JsonValueKind.Object && KnownSetting.Find(key) is null;
            foreach (var value in isSection ? Flatten(property.Value, key, path) : Leaf(key, property.Value, path))
            {
                yield return value;
            }
        }
    }

    private static IEnumerable<SettingValue> Leaf(string key, JsonElement value, string path) => value.ValueKind switch
    {
        JsonValueKind.Null => [],
        _ when KnownSetting.Find(key)?.Property.PropertyType == typeof(ImmutableArray<EndpointSettings>) =>
            [SettingValue.FromText(key, value.GetRawText(), path)],
        JsonValueKind.Array or JsonValueKind.Object =>
            [SettingValue.FromItems(key, ListText.Items(value) ?? throw Nested(key, path), path)],
        _ => [SettingValue.FromText(key, ListText.Scalar(value)!, path)],
    };

    private static SettingsException Nested(string key, string path) =>
        Fault($"Setting '{key}' ({path}) holds a list, an object or null inside; expected texts and numbers alone.");

    private static SettingsException Fault(string message) => new([message]);
}
