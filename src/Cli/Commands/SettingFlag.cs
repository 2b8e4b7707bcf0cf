using System.Collections.Immutable;
using System.CommandLine;
using Orca.Cli.Configuration;

namespace Orca.Cli.Commands;

/// <summary>A flag that overrides one setting. It is read as text, so that a wrong value is told like any other setting's.</summary>
/// <param name="Option">The flag; may be given several times where the setting is a list.</param>
/// <param name="Key">The setting.</param>
internal sealed record SettingFlag(Option<string[]> Option, string Key)
{
    /// <summary>A flag whose help is the setting's meaning, unit and default.</summary>
    /// <param name="name">Its name, with dashes.</param>
    /// <param name="key">The setting's key.</param>
    /// <param name="value">The name its value has in the help.</param>
    public static SettingFlag Of(string name, string key, string value)
    {
        var known = KnownSetting.Find(key)
            ?? throw new InvalidOperationException($"Flag {name} names the setting '{key}', which does not exist.");
        var isList = known.Property.PropertyType == typeof(ImmutableArray<string>);
        var option = new Option<string[]>(name)
        {
            Description = Help(known),
            HelpName = value,
            Arity = isList ? ArgumentArity.OneOrMore : ArgumentArity.ExactlyOne,
            CustomParser = result => [.. result.Tokens.Select(token => token.Value)],
        };
        return new SettingFlag(option, key);
    }

    /// <summary>The value given, if one was.</summary>
    public IEnumerable<SettingValue> Read(ParseResult parsed) => parsed.GetValue(Option) switch
    {
        null or [] => [],
        [var text] => [SettingValue.FromText(Key, text, Option.Name)],
        var texts when texts.FirstOrDefault(text => ListText.Items(text) is null) is { } malformed =>
            [SettingValue.FromText(Key, malformed, Option.Name)],
        var texts => [SettingValue.FromItems(Key, [.. texts.SelectMany(text => ListText.Items(text)!.Value)], Option.Name)],
    };

    private static string Help(KnownSetting known)
    {
        var choice = known.Description.OneOf.Length == 0 ? "" : $" One of {string.Join(", ", known.Description.OneOf)}.";
        var standing = SettingText.Default(known);
        return known.Description.Meaning + choice + (standing.Length == 0 ? "" : $" Default: {standing}.");
    }
}
