using System.Collections;

namespace Orca.Cli.Configuration;

/// <summary>Reads settings from environment variables: <c>ORCA__TRAINING__LEARNINGRATE</c> is <c>training.learningRate</c>.</summary>
internal static class SettingsVariables
{
    private const string Prefix = "ORCA__";

    /// <summary>Every variable with the prefix; letter case does not matter.</summary>
    public static IEnumerable<SettingValue> Read(IDictionary variables) =>
        from DictionaryEntry variable in variables
        let name = (string)variable.Key
        where name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
        orderby name
        select SettingValue.FromText(KeyOf(name), (string?)variable.Value ?? "", $"variable {name}");

    private static string KeyOf(string name) =>
        string.Join('.', name[Prefix.Length..].Split("__").Select(word => word.ToLowerInvariant()));
}
