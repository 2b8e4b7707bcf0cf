using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Orca.Cli.Configuration;

/// <summary>Reads the settings file: one JSON object of sections; comments and trailing commas are allowed.</summary>
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
    /// <exception cref="SettingsException">The file is missing, unreadable or no JSON object.</exception>
    public static IEnumerable<SettingValue> Read(string path)
    {
        using var document = Parse(path);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw Fault($"Settings file '{path}' holds a JSON {document.RootElement.ValueKind}, not an object of sections; see the README for its form.");
        }

        return [.. Flatten(document.RootElement, "", path)];
    }

    private static JsonDocument Parse(string path)
    {
        try
        {
            return JsonDocument.Parse(File.ReadAllText(path), Lenient);
        }
        catch (JsonException e)
        {
            throw Fault($"Settings file '{path}' is no JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine}; mend it or name another with --settings.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
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
        JsonValueKind.Array => [new SettingValue(key, [.. value.EnumerateArray().Select(Text)], path)],
        JsonValueKind.Object => [new SettingValue(key, [.. value.EnumerateObject().Select(pair => $"{pair.Name}={Text(pair.Value)}")], path)],
        _ => [new SettingValue(key, [Text(value)], path)],
    };

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => value.TryGetInt64(out var whole) ? whole.ToString(CultureInfo.InvariantCulture) : value.GetRawText(),
        _ => value.GetRawText(),
    };

    private static SettingsException Fault(string message) => new([message]);
}
