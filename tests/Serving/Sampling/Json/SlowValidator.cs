using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orca.Serving.Tests.Sampling.Json;

/// <summary>Says whether a value is what a schema describes, the plain way, after the fact.</summary>
/// <param name="root">The schema, within which references are followed.</param>
internal sealed class SlowValidator(JsonElement root)
{
    public static bool Fits(JsonElement value, JsonElement schema) => new SlowValidator(schema).IsFit(value, schema);

    private bool IsFit(JsonElement value, JsonElement schema)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return schema.ValueKind == JsonValueKind.True;
        }

        bool Has(string name, out JsonElement found) => schema.TryGetProperty(name, out found);
        return (!Has("$ref", out var reference) || IsFit(value, Resolve(reference.GetString()!)))
            && (!Has("const", out var only) || JsonElement.DeepEquals(only, value))
            && (!Has("enum", out var several) || several.EnumerateArray().Any(each => JsonElement.DeepEquals(each, value)))
            && (!Has("anyOf", out var any) || any.EnumerateArray().Any(each => IsFit(value, each)))
            && (!Has("allOf", out var all) || all.EnumerateArray().All(each => IsFit(value, each)))
            && (!Has("type", out var type) || (type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().ToArray() : [type]).Any(each => IsOf(value, each.GetString()!)))
            && (value.ValueKind != JsonValueKind.String || StringFits(value.GetString()!, schema))
            && (value.ValueKind != JsonValueKind.Number || NumberFits(value, schema))
            && (value.ValueKind != JsonValueKind.Array || ArrayFits(value, schema))
            && (value.ValueKind != JsonValueKind.Object || ObjectFits(value, schema));
    }

    private JsonElement Resolve(string path) => path[2..].Split('/').Aggregate(root, (at, name) => at.GetProperty(name));

    private static bool InRange(int count, JsonElement schema, string least, string most) =>
        (!schema.TryGetProperty(least, out var min) || count >= min.GetInt32())
            && (!schema.TryGetProperty(most, out var max) || count <= max.GetInt32());

    private static bool StringFits(string value, JsonElement schema) =>
        InRange(value.EnumerateRunes().Count(), schema, "minLength", "maxLength")
        && (!schema.TryGetProperty("pattern", out var pattern) || PatternFits(value, pattern.GetString()!))
        && (!schema.TryGetProperty("format", out var format) || FormatFits(value, format.GetString()!));

    // .NET counts halves of pairs where a pattern means characters: one sign of one unit stands for every other.
    private static bool PatternFits(string value, string pattern) => new Regex(
        pattern.Replace("🦈", "\uE000", StringComparison.Ordinal).Replace("$", @"\z", StringComparison.Ordinal)).IsMatch(
        string.Concat(value.Replace("🦈", "\uE000", StringComparison.Ordinal).EnumerateRunes().Select(rune => rune.IsBmp ? (char)rune.Value : '\uE001')));

    private static bool FormatFits(string value, string format) => format switch
    {
        "date-time" => DateTimeOffset.TryParse(Moderate(value), CultureInfo.InvariantCulture, out _),
        "date" => DateOnly.TryParseExact(value[..4] == "0000" ? $"2000{value[4..]}" : value, "yyyy-MM-dd", out _),
        "time" => DateTimeOffset.TryParse(Moderate($"2000-01-02T{value}"), CultureInfo.InvariantCulture, out _),
        "uuid" => Guid.TryParseExact(value, "D", out _),
        "email" => MailAddress.TryCreate(value, out _),
        _ => IPAddress.TryParse(value, out _),
    };

    // .NET knows no year 0 and no offset of a day or so, which RFC 3339 has.
    private static string Moderate(string time) => "2000" + Regex.Replace(time[4..], @"[+-]\d\d:\d\d$", "+01:00");

    private static bool NumberFits(JsonElement value, JsonElement schema)
    {
        bool Holds(string keyword, Func<decimal, decimal, bool> holds) =>
            !schema.TryGetProperty(keyword, out var bound) || holds(value.GetDecimal(), bound.GetDecimal());
        return Holds("minimum", (number, bound) => number >= bound)
            && Holds("exclusiveMinimum", (number, bound) => number > bound)
            && Holds("maximum", (number, bound) => number <= bound)
            && Holds("exclusiveMaximum", (number, bound) => number < bound)
            && Holds("multipleOf", (number, step) => number % step == 0);
    }

    private bool ArrayFits(JsonElement value, JsonElement schema)
    {
        var prefix = schema.TryGetProperty("prefixItems", out var first) ? first.EnumerateArray().ToArray() : [];
        return InRange(value.GetArrayLength(), schema, "minItems", "maxItems")
            && value.EnumerateArray().Zip(prefix).All(pair => IsFit(pair.First, pair.Second))
            && (!schema.TryGetProperty("items", out var items) || value.EnumerateArray().Skip(prefix.Length).All(each => IsFit(each, items)));
    }

    private bool ObjectFits(JsonElement value, JsonElement schema)
    {
        var names = value.EnumerateObject().Select(property => property.Name).ToList();
        var named = schema.TryGetProperty("properties", out var properties);
        var required = schema.TryGetProperty("required", out var needed) ? needed.EnumerateArray().Select(name => name.GetString()!) : [];
        var isOpen = !schema.TryGetProperty("additionalProperties", out var additional);
        return required.All(names.Contains) && value.EnumerateObject().All(property =>
            named && properties.TryGetProperty(property.Name, out var own)
                ? IsFit(property.Value, own)
                : isOpen || IsFit(property.Value, additional));
    }

    private static bool IsOf(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble()),
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        _ => value.ValueKind == JsonValueKind.Null,
    };
}
