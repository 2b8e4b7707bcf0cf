using System.Collections;
using System.Globalization;

namespace Orca.Cli.Configuration;

/// <summary>Writes settings as a person would.</summary>
internal static class SettingText
{
    /// <summary>The default of a setting with its unit; empty where it is absent or an empty list.</summary>
    public static string Default(KnownSetting known)
    {
        var text = Text(known.Property.GetValue(known.HolderIn(new OrcaSettings())));
        return text.Length == 0 || known.Description.Unit.Length == 0 ? text : $"{text} {known.Description.Unit}";
    }

    private static string Text(object? value) => value switch
    {
        null => "",
        string text => text,
        Enum choice => choice.ToString(),
        bool flag => flag ? "true" : "false",
        IEnumerable items => string.Join(',', items.Cast<object>().Select(Text)),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
