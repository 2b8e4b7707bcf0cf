using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orca.Serving.Sampling.Json;

/// <summary>
/// Reads the part of JSON Schema that a student's answers can be held to, token by token: <c>type</c> (one or several),
/// <c>properties</c>, <c>required</c>, <c>additionalProperties: false</c>, <c>items</c>, <c>minItems</c>, <c>maxItems</c>,
/// <c>minLength</c>, <c>maxLength</c>, <c>enum</c>, <c>const</c>, <c>anyOf</c> of different types, and <c>$ref</c> into
/// <c>$defs</c>. Whatever else would constrain a value is refused by name, since an answer might break it.
/// </summary>
internal sealed class JsonSchemaReader
{
    /// <summary>Schemas within schemas at most.</summary>
    public const int MaxDepth = 48;

    private const int MaxLength = 65_536;

    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly FrozenSet<string> Annotations = FrozenSet.Create(
        "$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly");

    private static readonly FrozenDictionary<string, JsonKinds> KindOf = new Dictionary<string, JsonKinds>
    {
        ["object"] = JsonKinds.Object,
        ["array"] = JsonKinds.Array,
        ["string"] = JsonKinds.String,
        ["number"] = JsonKinds.Number,
        ["integer"] = JsonKinds.Integer,
        ["boolean"] = JsonKinds.Boolean,
        ["null"] = JsonKinds.Null,
    }.ToFrozenDictionary();

    private readonly JsonElement root;
    private readonly Dictionary<string, JsonShape?> referred = new(StringComparer.Ordinal);

    private JsonSchemaReader(JsonElement root) => this.root = root;

    /// <summary>Reads a schema.</summary>
    /// <exception cref="JsonSchemaException">It is not JSON, or asks for what cannot be kept.</exception>
    public static JsonShape Read(string schema)
    {
        if (schema.Length > MaxLength)
        {
            throw new JsonSchemaException($"has {schema.Length} characters; at most {MaxLength} are allowed");
        }

        try
        {
            using var document = JsonDocument.Parse(schema);
            return new JsonSchemaReader(document.RootElement).Shape(document.RootElement, "#", MaxDepth);
        }
        catch (JsonException fault)
        {
            throw new JsonSchemaException($"is not JSON: {fault.Message}");
        }
    }

    private JsonShape Shape(JsonElement schema, string at, int depth)
    {
        if (depth == 0)
        {
            throw new JsonSchemaException($"goes deeper than {MaxDepth} schemas at {at}");
        }

        if (schema.ValueKind == JsonValueKind.True)
        {
            return JsonShape.Any;
        }

        if (schema.ValueKind != JsonValueKind.Object)
        {
            throw new JsonSchemaException($"holds {schema.GetRawText()} at {at}, where a schema is expected");
        }

        RefuseUnknown(schema, at);
        return schema.TryGetProperty("$ref", out var reference) ? Referred(reference.ToString(), at, depth)
            : schema.TryGetProperty("anyOf", out var alternatives) ? AnyOf(alternatives, at, depth)
            : schema.TryGetProperty("const", out var only) ? Literals([only], at)
            : schema.TryGetProperty("enum", out var several) ? Literals(Elements(several, "enum", at).Where(value => IsOf(value, Kinds(schema, at))).ToArray(), at)
            : Typed(schema, at, depth);
    }

    private JsonShape Typed(JsonElement schema, string at, int depth) => new()
    {
        Kinds = Kinds(schema, at),
        Properties = Properties(schema, at, depth),
        Items = schema.TryGetProperty("items", out var items) ? Shape(items, $"{at}/items", depth - 1) : null,
        ItemCount = Range(schema, "minItems", "maxItems", at),
        Length = Range(schema, "minLength", "maxLength", at),
    };

    private static JsonKinds Kinds(JsonElement schema, string at)
    {
        if (!schema.TryGetProperty("type", out var type))
        {
            // What only describes one kind of value means that kind here: nobody who lists properties wants a number.
            return schema.TryGetProperty("properties", out _) ? JsonKinds.Object
                : schema.TryGetProperty("items", out _) ? JsonKinds.Array
                : JsonKinds.Any;
        }

        var kinds = JsonKinds.None;
        foreach (var name in type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().ToArray() : [type])
        {
            kinds |= name.ValueKind == JsonValueKind.String && KindOf.TryGetValue(name.GetString()!, out var kind)
                ? kind
                : throw new JsonSchemaException($"has the type {name.GetRawText()} at {at}; known are {string.Join(", ", KindOf.Keys.Order())}");
        }

        return kinds != JsonKinds.None ? kinds : throw new JsonSchemaException($"has no type in the list at {at}");
    }

    private JsonProperties? Properties(JsonElement schema, string at, int depth)
    {
        var isClosed = schema.TryGetProperty("additionalProperties", out var additional) && additional.ValueKind == JsonValueKind.False;
        var hasNames = schema.TryGetProperty("properties", out var named);
        if (additional.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.False) && (hasNames || additional.ValueKind != JsonValueKind.True))
        {
            throw new JsonSchemaException($"has additionalProperties other than false at {at}; only the properties it names can be kept: set it to false");
        }

        var required = schema.TryGetProperty("required", out var names)
            ? Elements(names, "required", at).Select(name => name.ToString()).ToHashSet(StringComparer.Ordinal)
            : [];
        if (hasNames && named.ValueKind != JsonValueKind.Object)
        {
            throw new JsonSchemaException($"has properties at {at} that are no object");
        }

        var properties = (hasNames ? named.EnumerateObject().ToArray() : [])
            .Select(property => (NameOf(property.Name), Shape(property.Value, $"{at}/properties/{property.Name}", depth - 1), required.Remove(property.Name)))
            .ToImmutableArray();
        return required.Count > 0
            ? throw new JsonSchemaException($"requires '{required.First()}' at {at}, which its properties do not name")
            : isClosed || hasNames ? new JsonProperties(properties) : null;
    }

    private JsonShape AnyOf(JsonElement alternatives, string at, int depth)
    {
        var whole = new JsonShape { Kinds = JsonKinds.None };
        foreach (var (index, alternative) in Elements(alternatives, "anyOf", at).Index())
        {
            var shape = Shape(alternative, $"{at}/anyOf/{index}", depth - 1);
            var overlap = (whole.Kinds & shape.Kinds) != 0 || ((whole.Kinds | shape.Kinds) & (JsonKinds.Number | JsonKinds.Integer)) == (JsonKinds.Number | JsonKinds.Integer);
            if (overlap || shape.Literals is not null)
            {
                throw new JsonSchemaException($"has alternatives in anyOf at {at} that cannot be told apart by their type; give each another type, without enum or const");
            }

            whole = new JsonShape
            {
                Kinds = whole.Kinds | shape.Kinds,
                Properties = shape.Kinds.HasFlag(JsonKinds.Object) ? shape.Properties : whole.Properties,
                Items = shape.Kinds.HasFlag(JsonKinds.Array) ? shape.Items : whole.Items,
                ItemCount = shape.Kinds.HasFlag(JsonKinds.Array) ? shape.ItemCount : whole.ItemCount,
                Length = shape.Kinds.HasFlag(JsonKinds.String) ? shape.Length : whole.Length,
            };
        }

        return whole.Kinds != JsonKinds.None ? whole : throw new JsonSchemaException($"has an empty anyOf at {at}");
    }

    private static JsonShape Literals(JsonElement[] values, string at) => values.Length == 0
        ? throw new JsonSchemaException($"has an empty enum at {at}, which no value fits")
        : new JsonShape
        {
            Kinds = JsonKinds.None,
            Literals = new ByteTrie(values.Select(value => JsonSerializer.SerializeToUtf8Bytes(value, Compact))),
        };

    private static (int Least, int Most) Range(JsonElement schema, string least, string most, string at)
    {
        int Bound(string name, int otherwise) => !schema.TryGetProperty(name, out var value) ? otherwise
            : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var bound) && bound >= 0 ? bound
            : throw new JsonSchemaException($"has {name} {value.GetRawText()} at {at}; a whole number from 0 is allowed");

        var range = (Least: Bound(least, 0), Most: Bound(most, int.MaxValue));
        return range.Least <= range.Most ? range : throw new JsonSchemaException($"has {least} above {most} at {at}, which no value fits");
    }

    private static JsonElement[] Elements(JsonElement list, string name, string at) => list.ValueKind == JsonValueKind.Array
        ? [.. list.EnumerateArray()]
        : throw new JsonSchemaException($"has {name} at {at} that is no list");

    private JsonShape Referred(string path, string at, int depth)
    {
        if (!referred.TryGetValue(path, out var shape))
        {
            // Null while it is read: whoever meets it then is within it.
            referred[path] = null;
            shape = referred[path] = Shape(Resolve(path, at), path, depth - 1);
        }

        return shape ?? throw new JsonSchemaException($"refers to {path} from within it, at {at}; write out the levels that are needed");
    }

    private JsonElement Resolve(string path, string at)
    {
        var found = root;
        foreach (var step in path.StartsWith("#/", StringComparison.Ordinal) ? path.Split('/').Skip(1) : [path])
        {
            if (found.ValueKind != JsonValueKind.Object || !found.TryGetProperty(step, out found))
            {
                throw new JsonSchemaException($"refers to {path} at {at}, which is not in it; references such as #/$defs/name are followed");
            }
        }

        return found;
    }

    private static bool IsOf(JsonElement value, JsonKinds kinds) => value.ValueKind switch
    {
        JsonValueKind.Object => kinds.HasFlag(JsonKinds.Object),
        JsonValueKind.Array => kinds.HasFlag(JsonKinds.Array),
        JsonValueKind.String => kinds.HasFlag(JsonKinds.String),
        JsonValueKind.Number => kinds.HasFlag(JsonKinds.Number) || (kinds.HasFlag(JsonKinds.Integer) && value.TryGetInt64(out _)),
        JsonValueKind.Null => kinds.HasFlag(JsonKinds.Null),
        _ => kinds.HasFlag(JsonKinds.Boolean),
    };

    private static void RefuseUnknown(JsonElement schema, string at)
    {
        string[] known =
            schema.TryGetProperty("$ref", out _) ? ["$ref"]
            : schema.TryGetProperty("anyOf", out _) ? ["anyOf"]
            : schema.TryGetProperty("const", out _) ? ["const"]
            : schema.TryGetProperty("enum", out _) ? ["enum", "type"]
            : ["type", "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "minLength", "maxLength"];
        var unknown = schema.EnumerateObject().Select(property => property.Name).Where(name => !known.Contains(name) && !Annotations.Contains(name)).ToList();
        if (unknown.Count > 0)
        {
            throw new JsonSchemaException($"uses {string.Join(", ", unknown)} at {at}, which answers cannot be held to here; leave it out, or check the answer yourself");
        }
    }

    private static byte[] NameOf(string name) => JsonSerializer.SerializeToUtf8Bytes(name, Compact)[1..];
}
