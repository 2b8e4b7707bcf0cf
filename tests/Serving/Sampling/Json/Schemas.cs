using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orca.Serving.Tests.Sampling.Json;

/// <summary>Schemas by chance, of all that is supported.</summary>
internal static class Schemas
{
    private static readonly string[] Names = ["a", "ab", "abc", "b", "naïve", "漢字", "with \"quotes\"", "x\\y", "🦈", "line\nbreak"];

    private static readonly string[] Patterns =
        ["^[a-c]{1,4}$", "\\d\\d", "^(?:x|yy)*z?$", "^[^\\s\"]{2}$", "^(?!a)[ab]{1,3}$", "^é🦈|\\\\$", "^\"\\n"];

    private static readonly string[] Formats = ["date-time", "date", "time", "uuid", "email", "ipv4"];

    /// <summary>A schema by chance.</summary>
    public static string Random(Random random)
    {
        var schema = Any(random, 3);
        if (schema is JsonObject whole && !whole.ContainsKey("$defs") && schema.ToJsonString().Contains("$ref", StringComparison.Ordinal))
        {
            whole["$defs"] = new JsonObject
            {
                ["list"] = JsonNode.Parse("""{"anyOf":[{"type":"null"},{"type":"object","properties":{"v":{"type":"boolean"},"next":{"$ref":"#/$defs/list"}},"required":["v"]}]}"""),
            };
        }

        return schema.ToJsonString();
    }

    private static JsonNode Any(Random random, int depth) => random.Next(depth > 0 ? 19 : 13) switch
    {
        0 => new JsonObject { ["type"] = "string" },
        1 => Bounded(random, new JsonObject { ["type"] = "string" }, "minLength", "maxLength"),
        2 => new JsonObject { ["type"] = random.Next(2) == 0 ? "integer" : "number" },
        3 => new JsonObject { ["type"] = new JsonArray("boolean", "null") },
        4 => new JsonObject
        {
            ["enum"] = new JsonArray(1, 12, 1.5, "a", "ab", Names[random.Next(Names.Length)], null, true, new JsonArray(1, "x")),
        },
        5 => new JsonObject { ["const"] = new JsonObject { [Names[random.Next(Names.Length)]] = 7 } },
        6 => random.Next(3) == 0 ? JsonValue.Create(true)! : new JsonObject
        {
            ["type"] = new JsonArray("string", "integer", "null"),
            ["maxLength"] = 3,
        },
        7 => new JsonObject { ["type"] = "string", ["pattern"] = Patterns[random.Next(Patterns.Length)] },
        8 => new JsonObject { ["type"] = "string", ["format"] = Formats[random.Next(Formats.Length)] },
        9 or 10 => Number(random),
        11 => new JsonObject { ["type"] = "string", ["const"] = Names[random.Next(Names.Length)] },
        12 => new JsonObject { ["type"] = new JsonArray("string", "null"), ["enum"] = new JsonArray("x", "y", null) },
        13 => Bounded(random, new JsonObject { ["type"] = "array", ["items"] = Any(random, depth - 1) }, "minItems", "maxItems"),
        14 => new JsonObject { ["anyOf"] = new JsonArray(Any(random, depth - 1), Object(random, depth), Object(random, depth)) },
        15 => new JsonObject
        {
            ["type"] = "array",
            ["prefixItems"] = new JsonArray(Any(random, depth - 1), Any(random, depth - 1)),
            ["items"] = random.Next(2) == 0 ? false : Any(random, depth - 1),
        },
        16 => new JsonObject { ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = "#/$defs/list" }), ["description"] = "a list" },
        _ => Object(random, depth),
    };

    private static JsonObject Number(Random random)
    {
        var schema = new JsonObject { ["type"] = random.Next(2) == 0 ? "integer" : "number" };
        var least = random.Next(-300, 300) / (decimal)(schema["type"]!.GetValue<string>() == "integer" ? 1 : 8);
        if (random.Next(3) > 0)
        {
            schema[random.Next(2) == 0 ? "minimum" : "exclusiveMinimum"] = least;
        }

        if (random.Next(3) > 0)
        {
            schema[random.Next(2) == 0 ? "maximum" : "exclusiveMaximum"] = least + random.Next(2, 5_000);
        }

        if (random.Next(3) == 0)
        {
            schema["multipleOf"] = schema["type"]!.GetValue<string>() == "integer" ? random.Next(1, 3) : 0.25m;
        }

        return schema;
    }

    private static JsonObject Object(Random random, int depth)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var name in Names.OrderBy(_ => random.Next()).Take(random.Next(5)))
        {
            properties[name] = Any(random, depth - 1);
            if (random.Next(2) == 0)
            {
                required.Add(name);
            }
        }

        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = required,
            ["additionalProperties"] = random.Next(4) switch { 0 => Any(random, depth - 1), 1 => true, _ => false },
        };
    }

    private static JsonObject Bounded(Random random, JsonObject schema, string least, string most)
    {
        var min = random.Next(3);
        if (random.Next(2) == 0)
        {
            schema[least] = min;
        }

        if (random.Next(2) == 0)
        {
            schema[most] = min + random.Next(4);
        }

        return schema;
    }

    /// <summary>A text as a JSON element.</summary>
    public static JsonElement Parse(string json) => JsonSerializer.Deserialize<JsonElement>(json);
}
