using System.Text.Json;
using Orca.Cli.Configuration;

namespace Orca.Cli.Experimenting;

/// <summary>What a user's settings file and variables set for every student, as text.</summary>
internal static class OwnSettings
{
    /// <summary>All of these settings; changes with any of them.</summary>
    /// <param name="file">The settings file; null for the one in the current folder, if there is one.</param>
    /// <exception cref="SettingsException">The file cannot be read.</exception>
    public static string Text(string? file)
    {
        var values = file is null ? SettingsFile.ReadDefault() : SettingsFile.Read(file);
        return JsonSerializer.Serialize(values.Concat(SettingsVariables.Read(Environment.GetEnvironmentVariables()))
            .Select(value => $"{value.Key}={value.Text}"));
    }
}
