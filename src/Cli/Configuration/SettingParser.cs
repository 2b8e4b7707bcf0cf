using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;

namespace Orca.Cli.Configuration;

/// <summary>Reads one value as the type its property has.</summary>
internal static class SettingParser
{
    /// <summary>The value, or what was expected instead of it.</summary>
    public static (object? Value, string? Expected) Parse(Type type, SettingAttribute description, SettingValue value)
    {
        var target = Nullable.GetUnderlyingType(type) ?? type;
        return target switch
        {
            _ when target == typeof(ImmutableArray<string>) => Words(value, description),
            _ when target == typeof(ImmutableSortedDictionary<string, double>) => Weights(value, description),
            _ when target == typeof(ImmutableArray<EndpointSettings>) => EndpointSettings.Read(value.Text),
            _ when value.Items is not null => (null, $"{Expectation(target, description)}, not a list".TrimStart(',', ' ')),
            _ when target == typeof(string) => Word(value.Text, description),
            _ when target == typeof(bool) => bool.TryParse(value.Text, out var flag) ? (flag, null) : (null, "true or false"),
            _ when target == typeof(int) => Number<int>(value.Text, description),
            _ when target == typeof(long) => Number<long>(value.Text, description),
            _ when target == typeof(double) => Number<double>(value.Text, description),
            _ when target.IsEnum => Choice(value.Text.Trim(), target),
            _ => throw new InvalidOperationException($"Settings of type {target} are not read."),
        };
    }

    /// <summary>What a setting may be, in words; empty where anything will do.</summary>
    public static string Expectation(KnownSetting known) =>
        Expectation(Nullable.GetUnderlyingType(known.Property.PropertyType) ?? known.Property.PropertyType, known.Description);

    private static string Expectation(Type type, SettingAttribute description) => type switch
    {
        _ when type.IsEnum => $"one of {string.Join(", ", Enum.GetNames(type))}",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(ImmutableArray<EndpointSettings>) => EndpointSettings.Expectation,
        _ when type == typeof(string) || type == typeof(ImmutableArray<string>) => description.OneOf.Length == 0 ? "" : OneOf(description),
        _ when type == typeof(ImmutableSortedDictionary<string, double>) => Range(description, typeof(double)),
        _ => Range(description, type),
    };

    private static (object? Value, string? Expected) Word(string text, SettingAttribute description) => description.OneOf switch
    {
        [] when text.Length == 0 => (null, "a text that is not empty; leave the setting away for its default"),
        [] => (text, null),
        var words when words.Contains(text.Trim()) => (text.Trim(), null),
        _ => (null, OneOf(description)),
    };

    private static (object? Value, string? Expected) Choice(string text, Type type) =>
        Enum.GetNames(type).FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } choice
            ? (Enum.Parse(type, choice), null)
            : (null, $"one of {string.Join(", ", Enum.GetNames(type))}");

    private static (object? Value, string? Expected) Words(SettingValue value, SettingAttribute description)
    {
        if (value.AsItems() is not { } items)
        {
            return (null, "items with commas between, or a JSON array of texts such as [\"one\", \"another, with a comma\"]");
        }

        ImmutableArray<string> words = [.. items.Where(item => item.Length > 0)];
        var known = description.OneOf.Length == 0 || words.All(word => description.OneOf.Contains(word));
        return (words.Length > 0 || description.MayBeEmpty) && known
            ? (words, null)
            : (null, description.OneOf.Length == 0 ? "at least one item" : "a list, each item " + OneOf(description));
    }

    private static (object? Value, string? Expected) Weights(SettingValue value, SettingAttribute description)
    {
        var expected = $"name=weight pairs, each weight {Range(description, typeof(double))}";
        if (value.AsItems() is not { } items)
        {
            return (null, expected);
        }

        var weights = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        foreach (var item in items.Where(item => item.Length > 0))
        {
            var split = item.LastIndexOf('=');
            if (split <= 0 || Number<double>(item[(split + 1)..], description).Value is not double weight)
            {
                return (null, expected + (items.Length > 1 && split < 0 ? $"; '{item}' is none, and numbers are written with a point, "
                    + "such as 0.5" : ""));
            }

            if (!weights.TryAdd(item[..split].Trim(), weight))
            {
                return (null, $"{expected}, and each name once");
            }
        }

        return (weights.ToImmutable(), null);
    }

    private static (object? Value, string? Expected) Number<T>(string text, SettingAttribute description)
        where T : struct, INumber<T>
    {
        bool Fits(T number) => double.CreateChecked(number) >= description.Minimum && double.CreateChecked(number) <= description.Maximum;
        return NumberText.Read<T>(text) is { } number && Fits(number)
            ? (number, null)
            : (null, Range(description, typeof(T)) + NumberText.Example<T>(text, Fits));
    }

    private static string OneOf(SettingAttribute description) =>
        description.OneOf.Length == 1 ? description.OneOf[0] : $"one of {string.Join(", ", description.OneOf)}";

    private static string Range(SettingAttribute description, Type type)
    {
        var kind = type == typeof(double) ? "a number" : "a whole number";
        var unit = description.Unit.Length == 0 ? "" : $" of {description.Unit}";
        var (low, high) = (Text(description.Minimum), Text(description.Maximum));
        return (double.IsInfinity(description.Minimum), double.IsInfinity(description.Maximum)) switch
        {
            (true, true) => kind + unit,
            (false, true) => $"{kind}{unit} of at least {low}",
            (true, false) => $"{kind}{unit} of at most {high}",
            _ => $"{kind}{unit} from {low} to {high}",
        };
    }

    private static string Text(double number) => number.ToString("G", CultureInfo.InvariantCulture);
}
