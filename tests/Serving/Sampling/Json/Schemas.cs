using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orca.Serving.Tests.Sampling.Json;

/// <summary>Schemas by chance, of all that is supported.</summary>
internal static class Schemas
{
    private static readonly string[] Names = ["a", "ab", "abc", "b", "naïve", "漢字", "with \"quotes\"", "x\\y", "🦈", "line\nbreak"];

    /// <summary>A schema by chance.</summary>
    public static string Random(Random random) => Any(random, 3).ToJsonString();

    private static JsonNode Any(Random random, int depth) => random.Next(depth > 0 ? 10 : 7) switch
    {
        0 => new JsonObject { ["type"] = "string" },
        1 => Bounded(random, new JsonObject { ["type"] = "string" }, "minLength", "maxLength"),
        2 => new JsonObject { ["type"] = random.Next(2) == 0 ? "integer" : "number" },
        3 => new JsonObject { ["type"] = new JsonArray("boolean", "null") },
        4 => new JsonObject { ["enum"] = new JsonArray(1, 12, 1.5, "a", "ab", Names[random.Next(Names.Length)], null, true, new JsonArray(1, "x")) },
        5 => new JsonObject { ["const"] = new JsonObject { [Names[random.Next(Names.Length)]] = 7 } },
        6 => random.Next(3) == 0 ? JsonValue.Create(true)! : new JsonObject { ["type"] = new JsonArray("string", "integer", "null"), ["maxLength"] = 3 },
        7 => Bounded(random, new JsonObject { ["type"] = "array", ["items"] = Any(random, depth - 1) }, "minItems", "maxItems"),
        8 => new JsonObject { ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "null" }, Object(random, depth)) },
        _ => Object(random, depth),
    };

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

        return new JsonObject { ["type"] = "object", ["properties"] = properties, ["required"] = required, ["additionalProperties"] = false };
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
