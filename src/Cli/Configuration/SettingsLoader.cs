namespace Orca.Cli.Configuration;

/// <summary>Puts the layers together: the file, the variables over it, the flags over both.</summary>
internal static class SettingsLoader
{
    /// <summary>The settings of this start.</summary>
    /// <param name="file">
    /// The settings file; null takes <c>orca.json</c> in the current folder, if it is there and no checkpoint's manifest.
    /// </param>
    /// <param name="flags">What the command line set.</param>
    /// <exception cref="SettingsException">Any of it is unusable.</exception>
    public static OrcaSettings Load(string? file, IEnumerable<SettingValue> flags)
    {
        var fromFile = file is null ? SettingsFile.ReadDefault() : SettingsFile.Read(file);
        var fromVariables = SettingsVariables.Read(Environment.GetEnvironmentVariables());
        return SettingsBinder.Bind([.. fromFile, .. fromVariables, .. flags]);
    }
}
