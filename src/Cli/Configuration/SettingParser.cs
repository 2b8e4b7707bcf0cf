using System.Collections.Immutable;
using System.Globalization;

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
            _ when target == typeof(string) => Word(value.Text, description),
            _ when target == typeof(bool) => bool.TryParse(value.Text, out var flag) ? (flag, null) : (null, "true or false"),
            _ when target == typeof(int) => Number(value.Text, description, typeof(int)),
            _ when target == typeof(long) => Number(value.Text, description, typeof(long)),
            _ when target == typeof(double) => Number(value.Text, description, typeof(double)),
            _ when target == typeof(ImmutableArray<string>) => Words(value, description),
            _ when target == typeof(ImmutableSortedDictionary<string, double>) => Weights(value, description),
            _ when target.IsEnum => Choice(value.Text, target),
            _ => throw new InvalidOperationException($"Settings of type {target} are not read."),
        };
    }

    /// <summary>What a setting may be, in words; empty where anything will do.</summary>
    public static string Expectation(KnownSetting known)
    {
        var type = Nullable.GetUnderlyingType(known.Property.PropertyType) ?? known.Property.PropertyType;
        return type switch
        {
            _ when type.IsEnum => $"one of {string.Join(", ", Enum.GetNames(type))}",
            _ when type == typeof(bool) => "true or false",
            _ when type == typeof(string) || type == typeof(ImmutableArray<string>) => known.Description.OneOf.Length == 0 ? "" : OneOf(known.Description),
            _ when type == typeof(ImmutableSortedDictionary<string, double>) => Range(known.Description, typeof(double)),
            _ => Range(known.Description, type),
        };
    }

    private static (object? Value, string? Expected) Word(string text, SettingAttribute description) =>
        description.OneOf.Length == 0 || description.OneOf.Contains(text) ? (text, null) : (null, OneOf(description));

    private static (object? Value, string? Expected) Choice(string text, Type type) =>
        !int.TryParse(text, CultureInfo.InvariantCulture, out _) && Enum.TryParse(type, text, ignoreCase: true, out var choice)
            ? (choice, null)
            : (null, $"one of {string.Join(", ", Enum.GetNames(type))}");

    private static (object? Value, string? Expected) Words(SettingValue value, SettingAttribute description)
    {
        ImmutableArray<string> words = [.. value.Items.Where(item => item.Length > 0)];
        var known = description.OneOf.Length == 0 || words.All(word => description.OneOf.Contains(word));
        return words.Length > 0 && known ? (words, null) : (null, description.OneOf.Length == 0 ? "at least one item" : "a list, each item " + OneOf(description));
    }

    private static (object? Value, string? Expected) Weights(SettingValue value, SettingAttribute description)
    {
        var weights = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        foreach (var item in value.Items.Where(item => item.Length > 0))
        {
            var split = item.LastIndexOf('=');
            if (split <= 0 || Number(item[(split + 1)..], description, typeof(double)).Value is not double weight)
            {
                return (null, $"name=weight pairs, each weight {Range(description, typeof(double))}");
            }

            weights[item[..split].Trim()] = weight;
        }

        return (weights.ToImmutable(), null);
    }

    private static (object? Value, string? Expected) Number(string text, SettingAttribute description, Type type)
    {
        var read = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number >= description.Minimum && number <= description.Maximum && double.IsFinite(number);
        return (read, type) switch
        {
            (true, _) when type == typeof(double) => (number, null),
            (true, _) when type == typeof(int) && int.TryParse(text, CultureInfo.InvariantCulture, out var whole) => (whole, null),
            (true, _) when type == typeof(long) && long.TryParse(text, CultureInfo.InvariantCulture, out var whole) => (whole, null),
            _ => (null, Range(description, type)),
        };
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
