using System.Collections.Immutable;

namespace Orca.Cli.Configuration;

/// <summary>A value as somebody wrote it, before it is known what it should be.</summary>
/// <param name="Key">The key in its dotted form, as written.</param>
/// <param name="Text">The value as it was written; items joined with commas where it was written as a list or a map.</param>
/// <param name="Items">The items of what was written as a list, or the <c>name=value</c> pairs of a map; null for one text.</param>
/// <param name="Origin">Where it was written, for messages: a file, a variable or a flag.</param>
internal sealed record SettingValue(string Key, string Text, ImmutableArray<string>? Items, string Origin)
{
    /// <summary>One text, from any place; what should be a list is read as <see cref="ListText"/> has it.</summary>
    public static SettingValue FromText(string key, string text, string origin) => new(key, text, null, origin);

    /// <summary>Several items.</summary>
    public static SettingValue FromItems(string key, ImmutableArray<string> items, string origin) =>
        new(key, string.Join(',', items), items, origin);

    /// <summary>The items of a list or a map; null where the text is none.</summary>
    public ImmutableArray<string>? AsItems() => Items ?? ListText.Items(Text);
}
