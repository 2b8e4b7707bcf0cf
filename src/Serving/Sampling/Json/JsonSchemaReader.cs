using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Orca.Serving.Requests;

namespace Orca.Serving.Sampling.Json;

/// <summary>
/// Reads the part of JSON Schema that a student's answers can be held to, token by token.
/// </summary>
/// <remarks>
/// <para>Kept exactly: <c>type</c> (one or several), <c>enum</c>, <c>const</c>, <c>anyOf</c>, <c>oneOf</c> whose alternatives cannot both fit,
/// <c>allOf</c> whose parts can be joined, <c>$ref</c> within the schema, also of itself, and <c>nullable</c>; of objects <c>properties</c>,
/// <c>required</c>, <c>additionalProperties</c>, <c>propertyNames</c>; of arrays <c>items</c>, <c>prefixItems</c>, <c>minItems</c>, <c>maxItems</c>; of
/// strings <c>minLength</c>, <c>maxLength</c>, <c>pattern</c> as far as it is regular, and <c>format</c> as <see cref="Automata.StringFormats"/>
/// says; of numbers <c>minimum</c>, <c>maximum</c>, <c>exclusiveMinimum</c>, <c>exclusiveMaximum</c>, <c>multipleOf</c>.</para>
/// <para>Properties are written in the order in which the schema names them. Remarks, and keywords that begin with <c>x-</c>, change nothing.
/// Whatever else would constrain a value is refused by name, since an answer might break it.</para>
/// </remarks>
internal sealed partial class JsonSchemaReader
{
    /// <summary>Schemas within schemas at most.</summary>
    public const int MaxDepth = 128;

    private const int MaxLength = 65_536;
    private const int MaxAlternatives = 128;

    private static readonly FrozenSet<string> BesideLiterals = FrozenSet.Create("const", "enum", "type", "format");

    private readonly JsonElement root;
    private readonly JsonShapes shapes = new();
    private readonly Dictionary<string, int> referred = new(StringComparer.Ordinal);

    private JsonSchemaReader(JsonElement root) => this.root = root;

    /// <summary>Reads a schema.</summary>
    /// <exception cref="JsonSchemaException">It is not JSON, or asks for what cannot be kept.</exception>
    public static JsonGrammar Read(string schema)
    {
        if (schema.Length > MaxLength)
        {
            throw new JsonSchemaException($"has {schema.Length} characters; at most {MaxLength} are allowed");
        }

        var json = Encoding.UTF8.GetBytes(schema);
        if (JsonText.FaultOf(json) is { } fault)
        {
            throw new JsonSchemaException(fault.Field.Length > 0 ? $"has {fault.Field}, which {fault.Message}" : fault.Message);
        }

        using var document = JsonDocument.Parse(json);
        var reader = new JsonSchemaReader(document.RootElement);
        var whole = reader.shapes.ToGrammar(reader.Shape(document.RootElement, "#", MaxDepth));
        return whole.DepthOf(whole.Root) <= JsonStack.MaxOpen ? whole
            : throw new JsonSchemaException($"describes no value that ends within {JsonStack.MaxOpen} levels; leave a way out, such as "
                + "null or an empty list");
    }

    /// <summary>Number of a schema's shape.</summary>
    private int Shape(JsonElement schema, string at, int depth) => depth == 0
        ? throw new JsonSchemaException($"goes deeper than {MaxDepth} schemas at {at}")
        : schema.ValueKind switch
        {
            JsonValueKind.True => shapes.Any,
            JsonValueKind.False => shapes.Nothing,
            JsonValueKind.Object => Shape(SchemaKeywords.Of(schema, at), depth),
            _ => throw new JsonSchemaException($"holds {Cut(schema.GetRawText())} at {at}, where a schema is expected"),
        };

    private int Shape(SchemaKeywords schema, int depth)
    {
        if (depth == 0)
        {
            throw new JsonSchemaException($"goes deeper than {MaxDepth} schemas at {schema.At}");
        }

        return schema["$ref"] is { } reference ? Referred(reference, schema.Without("$ref"), depth)
            : schema["allOf"] is { } parts ? AllOf(parts, schema.Without("allOf"), depth)
            : schema["anyOf"] is { } alternatives ? Union(alternatives, "anyOf", schema.Without("anyOf"), depth)
            : schema["oneOf"] is { } exclusive ? Union(exclusive, "oneOf", schema.Without("oneOf"), depth)
            : schema["nullable"] is { } nullable ? OrNull(nullable, schema.Without("nullable"), depth)
            : schema.Has("const", "enum") ? Literals(schema)
            : Typed(schema, depth);
    }

    private int Referred(JsonElement reference, SchemaKeywords beside, int depth)
    {
        var path = reference.ValueKind == JsonValueKind.String
            ? reference.GetString()!
            : throw new JsonSchemaException($"has $ref {Cut(reference.GetRawText())} at {beside.At}; a text such as #/$defs/name is "
                + "expected");
        if (beside.Values.Count > 0)
        {
            var target = Resolve(path, beside.At);
            return target.ValueKind == JsonValueKind.Object ? Shape(beside.And(SchemaKeywords.Of(target, path)), depth - 1)
                : target.ValueKind == JsonValueKind.True ? Shape(beside, depth - 1)
                : Shape(target, path, depth - 1);
        }

        if (!referred.TryGetValue(path, out var number))
        {
            // Its number is known while it is read: it may hold itself.
            number = referred[path] = shapes.Reserve();
            shapes.Set(number, new JsonShape.Union([Shape(Resolve(path, beside.At), path, depth - 1)]));
        }

        return number;
    }

    private JsonElement Resolve(string path, string at)
    {
        var found = root;
        foreach (var step in path == "#" ? [] : path.StartsWith("#/", StringComparison.Ordinal) ? path[2..].Split('/') : [path])
        {
            var name = Uri.UnescapeDataString(step).Replace("~1", "/", StringComparison.Ordinal)
                .Replace("~0", "~", StringComparison.Ordinal);
            var isFound = found.ValueKind == JsonValueKind.Object ? found.TryGetProperty(name, out found)
                : found.ValueKind == JsonValueKind.Array && TryIndex(found, name, out found);
            if (!isFound)
            {
                throw new JsonSchemaException($"refers to {Cut(path)} at {at}, which is not in it; references such as #/$defs/name are "
                    + "followed");
            }
        }

        return found;
    }

    private static bool TryIndex(JsonElement list, string index, out JsonElement found)
    {
        var isThere = int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number < list.GetArrayLength();
        found = isThere ? list[number] : list;
        return isThere;
    }

    private int AllOf(JsonElement parts, SchemaKeywords beside, int depth)
    {
        var whole = beside;
        foreach (var (index, part) in Elements(parts, "allOf", beside.At).Index())
        {
            var at = $"{beside.At}/allOf/{index}";
            if (part.ValueKind == JsonValueKind.False)
            {
                return shapes.Nothing;
            }

            if (part.ValueKind != JsonValueKind.True)
            {
                whole = whole.And(PartOf(part, at, depth));
            }
        }

        return Shape(whole, depth - 1);
    }

    /// <summary>The keywords of a part, its own references followed.</summary>
    private SchemaKeywords PartOf(JsonElement part, string at, int depth)
    {
        var keywords = part.ValueKind == JsonValueKind.Object
            ? SchemaKeywords.Of(part, at)
            : throw new JsonSchemaException($"holds {Cut(part.GetRawText())} at {at}, where a schema is expected");
        for (var i = 0; keywords["$ref"] is { ValueKind: JsonValueKind.String } reference; i++)
        {
            var target = Resolve(reference.GetString()!, at);
            keywords = target.ValueKind == JsonValueKind.Object && i < depth
                ? keywords.Without("$ref").And(SchemaKeywords.Of(target, at))
                : throw new JsonSchemaException($"refers to {Cut(reference.GetString()!)} at {at}, which is no schema that can be joined "
                    + "with others");
        }

        return keywords;
    }

    private int Union(JsonElement alternatives, string keyword, SchemaKeywords beside, int depth)
    {
        var list = Elements(alternatives, keyword, beside.At);
        if (list.Length is 0 or > MaxAlternatives)
        {
            throw new JsonSchemaException($"has {list.Length} alternatives in {keyword} at {beside.At}; 1 to {MaxAlternatives} are "
                + "allowed");
        }

        var numbers = list.Select((alternative, index) => Alternative(alternative, $"{beside.At}/{keyword}/{index}", beside, depth - 1))
            .ToArray();
        if (keyword == "oneOf" && shapes.FirstOverlap(numbers) is var (one, other))
        {
            throw new JsonSchemaException(
                $"has alternatives {one} and {other} in oneOf at {beside.At} that one value may fit both of; use anyOf, or require a "
                    + "property of each with a const of its own");
        }

        return shapes.Add(new JsonShape.Union([.. numbers]));
    }

    private int Alternative(JsonElement alternative, string at, SchemaKeywords beside, int depth) =>
        beside.Values.Count > 0 && alternative.ValueKind == JsonValueKind.Object
            ? Shape((beside with { At = at }).And(PartOf(alternative, at, depth)), depth)
            : alternative.ValueKind == JsonValueKind.True ? Shape(beside, depth)
            : Shape(alternative, at, depth);

    /// <summary>What OpenAPI says for a value that may be null as well.</summary>
    private int OrNull(JsonElement nullable, SchemaKeywords schema, int depth) => nullable.ValueKind switch
    {
        JsonValueKind.False => Shape(schema, depth),
        JsonValueKind.True => shapes.Add(new JsonShape.Union([Shape(schema, depth - 1), shapes.Null])),
        _ => throw new JsonSchemaException($"has nullable {Cut(nullable.GetRawText())} at {schema.At}; true or false is expected"),
    };

    private int Literals(SchemaKeywords schema)
    {
        schema.RefuseOthers(BesideLiterals);
        var values = schema["enum"] is { } several ? Elements(several, "enum", schema.At) : [schema["const"]!.Value];
        var kinds = schema.Has("type") ? Kinds(schema) : null;
        var texts = values
            .Where(value => schema["const"] is not { } only || JsonElement.DeepEquals(only, value))
            .Where(value => kinds is null || kinds.Any(kind => IsOf(value, kind)))
            .Select(value => JsonLiteral.Of(value))
            .Distinct()
            .ToArray();
        return texts.Length > 0
            ? shapes.Add(JsonShapes.Literals([.. texts]))
            : throw new JsonSchemaException($"has an enum or const at {schema.At} that no value fits: it is empty, or of another type");
    }

    private static bool IsOf(JsonElement value, string kind) => kind switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) && number == decimal.Truncate(number),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        _ => value.ValueKind == JsonValueKind.Null,
    };

    private static JsonElement[] Elements(JsonElement list, string name, string at) => list.ValueKind == JsonValueKind.Array
        ? [.. list.EnumerateArray()]
        : throw new JsonSchemaException($"has {name} at {at} that is no list");

    /// <summary>A text as messages show it.</summary>
    private static string Cut(string text) => text.Length <= 80 ? text : $"{text.AsSpan(0, 80)}…";
}
