using System.Collections;
using System.Text.Json;
using Orca.Cli.Configuration;

namespace Orca.Cli.Experimenting;

/// <summary>What a user's settings file and variables set for every student, as text.</summary>
internal static class OwnSettings
{
    private const string VariablePrefix = "ORCA__";

    /// <summary>The settings file's text and the variables that are settings; changes with any of them.</summary>
    /// <param name="file">The settings file; null for the one in the current folder, if there is one.</param>
    /// <exception cref="SettingsException">The file cannot be read.</exception>
    public static string Text(string? file)
    {
        var values = file is null ? SettingsFile.ReadDefault() : SettingsFile.Read(file);
        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(entry => (Name: (string)entry.Key, Value: (string?)entry.Value ?? ""))
            .Where(entry => entry.Name.StartsWith(VariablePrefix, StringComparison.OrdinalIgnoreCase))
            .OrderBy(entry => entry.Name, StringComparer.Ordinal);
        return JsonSerializer.Serialize(new[]
        {
            values.Select(value => $"{value.Key}={value.Text}"),
            variables.Select(entry => $"{entry.Name}={entry.Value}"),
        });
    }
}
