using System.Collections.Immutable;
using System.Text.Json;
using Orca.Serving.Sampling.Json.Automata;

namespace Orca.Serving.Sampling.Json;

/// <summary>Schemas of objects.</summary>
internal sealed partial class JsonSchemaReader
{
    private const int MaxNameStates = 50_000;

    private int Object(SchemaKeywords schema, int depth)
    {
        RefuseUnkept(schema);
        var named = schema["properties"];
        if (named is { ValueKind: not JsonValueKind.Object })
        {
            throw new JsonSchemaException($"has properties at {schema.At} that are no object");
        }

        // Who names properties and says nothing of others gets no others.
        var others = schema["additionalProperties"] switch
        {
            null => named is null ? shapes.Any : shapes.Nothing,
            { } additional => Shape(additional, $"{schema.At}/additionalProperties", depth - 1),
        };
        var required = schema["required"] is { } names
            ? Elements(names, "required", schema.At).Select(name => NameOf(name, schema.At)).ToHashSet(StringComparer.Ordinal)
            : [];
        var properties = (named is { } list ? list.EnumerateObject().ToArray() : [])
            .Select(property => new JsonProperty(
                property.Name, Shape(property.Value, $"{schema.At}/properties/{property.Name}", depth - 1), required.Remove(property.Name)))
            .ToList();
        if (required.Count > 0 && others == shapes.Nothing)
        {
            throw new JsonSchemaException($"requires '{Cut(required.First())}' at {schema.At}, which its properties do not name");
        }

        properties.AddRange(required.Select(name => new JsonProperty(name, others, IsRequired: true)));
        return shapes.Add(WithOthers(properties, others, schema, depth));
    }

    private static void RefuseUnkept(SchemaKeywords schema)
    {
        var isKept = schema["minProperties"] is null or { ValueKind: JsonValueKind.Number } && !(schema["minProperties"]?.GetDouble() > 0)
            && schema["patternProperties"] is null;
        if (!isKept)
        {
            throw new JsonSchemaException(
                $"uses {(schema.Has("patternProperties") ? "patternProperties" : "minProperties")} at {schema.At}, which answers cannot "
                    + "be held to here; leave it out, or check the answer yourself");
        }
    }

    private static string NameOf(JsonElement name, string at) => name.ValueKind == JsonValueKind.String
        ? name.GetString()!
        : throw new JsonSchemaException($"requires {Cut(name.GetRawText())} at {at}; names of properties are expected");

    private JsonShape.Object WithOthers(List<JsonProperty> properties, int others, SchemaKeywords schema, int depth)
    {
        if (others == shapes.Nothing)
        {
            return new JsonShape.Object(new JsonProperties([.. properties]), null, others);
        }

        var names = schema["propertyNames"] is { } rule ? OfNames(rule, schema.At, depth) : shapes.AnyString;
        if (shapes[names] is JsonShape.Text { Literals: { IsDefault: false } few })
        {
            // Names that are listed are properties like others.
            var known = properties.Select(property => property.Name).ToHashSet(StringComparer.Ordinal);
            var listed = few.Select(text => JsonSerializer.Deserialize<string>(text)!)
                .Where(known.Add).Select(name => new JsonProperty(name, others, IsRequired: false));
            return new JsonShape.Object(new JsonProperties([.. properties, .. listed]), null, others);
        }

        if (properties.Count == 0)
        {
            return new JsonShape.Object(new JsonProperties([]), names, others);
        }

        return names == shapes.AnyString
            ? new JsonShape.Object(new JsonProperties([.. properties]), OtherNames(properties.Select(property => property.Name)), others)
            : throw new JsonSchemaException($"uses propertyNames beside properties at {schema.At}, which answers cannot be held to here; "
                + "leave one of them out");
    }

    private int OfNames(JsonElement rule, string at, int depth)
    {
        var number = rule.ValueKind == JsonValueKind.Object && !rule.TryGetProperty("$ref", out _)
            ? Shape(
                SchemaKeywords.Of(rule, $"{at}/propertyNames") is var keywords && keywords.Has("type", "const", "enum")
                    ? keywords
                    : keywords.And(StringType),
                depth - 1)
            : Shape(rule, $"{at}/propertyNames", depth - 1);
        while (shapes[number] is JsonShape.Union { Alternatives: [var only] })
        {
            number = only;
        }

        var isText = number == shapes.Any || shapes[number] is JsonShape.String
            || (shapes[number] is JsonShape.Text { Literals: { IsDefault: false } few } ? few.All(text => text[0] == '"')
                : shapes[number] is JsonShape.Text { Texts: var texts } && texts.MovesFrom(0) is [{ First: '"', Last: '"' }]);
        return number == shapes.Any ? shapes.AnyString
            : isText ? number
            : throw new JsonSchemaException($"uses propertyNames at {at} that describe no string, or several kinds of it; leave it out");
    }

    private static SchemaKeywords StringType =>
        new("", new Dictionary<string, JsonElement> { ["type"] = JsonSerializer.SerializeToElement("string") });

    private int OtherNames(IEnumerable<string> names)
    {
        try
        {
            return shapes.Add(new JsonShape.Text(TextAutomata.Quoted(TextAutomata.OtherThan(names, MaxNameStates), MaxNameStates)!));
        }
        catch (AutomatonSizeException size)
        {
            throw new JsonSchemaException($"has names of properties that take {size.Message}; set additionalProperties to false");
        }
    }
}
