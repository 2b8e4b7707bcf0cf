using System.Collections.Immutable;

namespace Orca.Cli.Configuration;

/// <summary>A value as somebody wrote it, before it is known what it should be.</summary>
/// <param name="Key">The key in its dotted form, as written.</param>
/// <param name="Items">The items of a list, the <c>name=value</c> pairs of a map, or the one value of anything else.</param>
/// <param name="Origin">Where it was written, for messages: a file, a variable or a flag.</param>
internal sealed record SettingValue(string Key, ImmutableArray<string> Items, string Origin)
{
    /// <summary>The value as one text, lists joined with commas.</summary>
    public string Text => string.Join(',', Items);

    /// <summary>A value from a place that has only text (a variable, a flag); lists and maps separate their items by commas.</summary>
    public static SettingValue FromText(string key, string text, string origin) =>
        new(key, [.. text.Split(',', StringSplitOptions.TrimEntries)], origin);
}
