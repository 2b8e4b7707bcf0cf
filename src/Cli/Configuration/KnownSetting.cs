using System.Collections.Immutable;
using System.Reflection;

namespace Orca.Cli.Configuration;

/// <summary>A setting that exists.</summary>
/// <param name="Key">Dotted key, <c>training.learningRate</c>.</param>
/// <param name="Section">The property of <see cref="OrcaSettings"/> that holds its section.</param>
/// <param name="Part">The property of the section that holds the part of it; null for a setting of the section itself.</param>
/// <param name="Property">The property of the section, or of its part, that holds it.</param>
/// <param name="Description">What it means and may be.</param>
internal sealed record KnownSetting(
    string Key, PropertyInfo Section, PropertyInfo? Part, PropertyInfo Property, SettingAttribute Description)
{
    private static readonly ImmutableArray<KnownSetting> Everything = [.. FromSections()];

    private static readonly ImmutableDictionary<string, KnownSetting> ByKey =
        Everything.ToImmutableDictionary(setting => Normalize(setting.Key), StringComparer.OrdinalIgnoreCase);

    /// <summary>Every setting, in the order of the records.</summary>
    public static ImmutableArray<KnownSetting> All => Everything;

    /// <summary>
    /// The setting of a key, in any letter case and with or without underscores inside its words; null where there is none.
    /// </summary>
    public static KnownSetting? Find(string key) => ByKey.GetValueOrDefault(Normalize(key));

    /// <summary>The section of some settings, or the part of it, that holds this one.</summary>
    public object HolderIn(OrcaSettings settings)
    {
        var section = Section.GetValue(settings)!;
        return Part?.GetValue(section) ?? section;
    }

    /// <summary>Whether the key names a whole section, or a part of one.</summary>
    public static bool IsSection(string key) =>
        Everything.Any(setting => setting.Key.StartsWith(key + ".", StringComparison.OrdinalIgnoreCase));

    /// <summary>The known key that differs from the given one in the fewest letters.</summary>
    public static string Nearest(string key) =>
        Everything.MinBy(setting => EditDistance.Between(Normalize(key).ToLowerInvariant(), setting.Key.ToLowerInvariant()))!.Key;

    private static string Normalize(string key) => key.Replace("_", "", StringComparison.Ordinal);

    private static IEnumerable<KnownSetting> FromSections() =>
        from section in typeof(OrcaSettings).GetProperties()
        from property in section.PropertyType.GetProperties()
        from known in property.GetCustomAttribute<SettingAttribute>() is { } description
            ? [new KnownSetting($"{Camel(section.Name)}.{Camel(property.Name)}", section, null, property, description)]
            : OfPart(section, property)
        select known;

    private static IEnumerable<KnownSetting> OfPart(PropertyInfo section, PropertyInfo part) =>
        from property in part.PropertyType.GetProperties()
        let description = property.GetCustomAttribute<SettingAttribute>()
        where description is not null
        select new KnownSetting(
            $"{Camel(section.Name)}.{Camel(part.Name)}.{Camel(property.Name)}", section, part, property, description);

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
