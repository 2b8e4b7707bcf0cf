using System.Text.Json;

namespace Orca.Serving.Tests.Sampling.Json;

/// <summary>Says whether a value is what a schema describes, the plain way, after the fact.</summary>
internal static class SlowValidator
{
    public static bool Fits(JsonElement value, JsonElement schema)
    {
        if (schema.ValueKind == JsonValueKind.True)
        {
            return true;
        }

        bool Has(string name, out JsonElement found) => schema.TryGetProperty(name, out found);
        return (!Has("const", out var only) || JsonElement.DeepEquals(only, value))
            && (!Has("enum", out var several) || several.EnumerateArray().Any(each => JsonElement.DeepEquals(each, value)))
            && (!Has("anyOf", out var any) || any.EnumerateArray().Any(each => Fits(value, each)))
            && (!Has("type", out var type) || (type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().ToArray() : [type]).Any(each => IsOf(value, each.GetString()!)))
            && (value.ValueKind != JsonValueKind.String || InRange(value.GetString()!.EnumerateRunes().Count(), "minLength", "maxLength"))
            && (value.ValueKind != JsonValueKind.Array || (InRange(value.GetArrayLength(), "minItems", "maxItems")
                && (!Has("items", out var items) || value.EnumerateArray().All(each => Fits(each, items)))))
            && (value.ValueKind != JsonValueKind.Object || ObjectFits(value, schema));

        bool InRange(int count, string least, string most) =>
            (!Has(least, out var min) || count >= min.GetInt32()) && (!Has(most, out var max) || count <= max.GetInt32());
    }

    private static bool ObjectFits(JsonElement value, JsonElement schema)
    {
        var names = value.EnumerateObject().Select(property => property.Name).ToList();
        var named = schema.TryGetProperty("properties", out var properties);
        var isClosed = schema.TryGetProperty("additionalProperties", out var additional) && additional.ValueKind == JsonValueKind.False;
        var required = schema.TryGetProperty("required", out var needed) ? needed.EnumerateArray().Select(name => name.GetString()!) : [];
        return required.All(names.Contains)
            && (!isClosed || names.All(name => named && properties.TryGetProperty(name, out _)))
            && (!named || (names.Distinct().Count() == names.Count
                && value.EnumerateObject().All(property => !properties.TryGetProperty(property.Name, out var own) || Fits(property.Value, own))));
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
