using System.Collections.Frozen;
using System.Text.Json;

namespace Orca.Serving.Sampling.Json;

/// <summary>The keywords of one schema that constrain a value; remarks are left out.</summary>
/// <param name="At">Where the schema stands, as a JSON pointer.</param>
/// <param name="Values">What each keyword says.</param>
internal sealed record SchemaKeywords(string At, IReadOnlyDictionary<string, JsonElement> Values)
{
    /// <summary>What describes a value to people, or says where schemas are.</summary>
    private static readonly FrozenSet<string> Remarks = FrozenSet.Create(
        "$schema", "$id", "id", "$anchor", "$comment", "$defs", "definitions", "title", "description",
        "default", "example", "examples", "deprecated",
        "readOnly", "writeOnly", "discriminator", "contentMediaType", "contentEncoding", "contentSchema", "externalDocs", "xml", "strict");

    /// <summary>Of several such bounds the least, or the greatest, is the one that counts.</summary>
    private static readonly FrozenDictionary<string, bool> TakesGreatest = new Dictionary<string, bool>
    {
        ["minimum"] = true,
        ["exclusiveMinimum"] = true,
        ["minLength"] = true,
        ["minItems"] = true,
        ["maximum"] = false,
        ["exclusiveMaximum"] = false,
        ["maxLength"] = false,
        ["maxItems"] = false,
    }.ToFrozenDictionary();

    /// <summary>Those of a schema that is an object.</summary>
    public static SchemaKeywords Of(JsonElement schema, string at) => new(at, schema.EnumerateObject()
        .Where(property => !Remarks.Contains(property.Name) && !property.Name.StartsWith("x-", StringComparison.Ordinal))
        .ToDictionary(property => property.Name, property => property.Value, StringComparer.Ordinal));

    /// <summary>What a keyword says; null where it is absent.</summary>
    public JsonElement? this[string keyword] => Values.TryGetValue(keyword, out var value) ? value : null;

    /// <summary>Whether one of them is there.</summary>
    public bool Has(params ReadOnlySpan<string> keywords)
    {
        foreach (var keyword in keywords)
        {
            if (Values.ContainsKey(keyword))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>All but some.</summary>
    public SchemaKeywords Without(params string[] keywords) =>
        this with { Values = Values.Where(pair => !keywords.Contains(pair.Key)).ToDictionary(StringComparer.Ordinal) };

    /// <summary>What a value must fit that fits both.</summary>
    /// <exception cref="JsonSchemaException">They say different things of one keyword that cannot be joined.</exception>
    public SchemaKeywords And(SchemaKeywords other)
    {
        RefuseClosed(this, other);
        RefuseClosed(other, this);
        var joined = Values.ToDictionary(StringComparer.Ordinal);
        foreach (var (keyword, value) in other.Values)
        {
            joined[keyword] = joined.TryGetValue(keyword, out var mine) && !JsonElement.DeepEquals(mine, value)
                ? Join(keyword, mine, value)
                : value;
        }

        return this with { Values = joined };
    }

    /// <summary>Throws for keywords that are not among those that are known.</summary>
    /// <exception cref="JsonSchemaException">There are others.</exception>
    public void RefuseOthers(FrozenSet<string> known)
    {
        var unknown = Values.Keys.Where(keyword => !known.Contains(keyword)).ToList();
        if (unknown.Count > 0)
        {
            throw new JsonSchemaException($"uses {string.Join(", ", unknown)} at {At}, which answers cannot be held to here; leave it "
                + "out, or check the answer yourself");
        }
    }

    /// <summary>A part that allows none but its own properties leaves no value for another part's.</summary>
    private static void RefuseClosed(SchemaKeywords closed, SchemaKeywords other)
    {
        if (closed["additionalProperties"] is { ValueKind: JsonValueKind.False } && other["properties"] is { ValueKind: JsonValueKind.Object } theirs)
        {
            foreach (var property in theirs.EnumerateObject())
            {
                if (closed["properties"] is not { ValueKind: JsonValueKind.Object } own || !own.TryGetProperty(property.Name, out _))
                {
                    throw new JsonSchemaException(
                        $"joins parts at {closed.At} of which one has additionalProperties false and another names '{property.Name}', "
                            + "which no value fits; write one object with all properties");
                }
            }
        }
    }

    private JsonElement Join(string keyword, JsonElement mine, JsonElement theirs)
    {
        if (TakesGreatest.TryGetValue(keyword, out var takesGreatest) && mine.ValueKind == JsonValueKind.Number && theirs.ValueKind == JsonValueKind.Number)
        {
            return mine.GetDouble() > theirs.GetDouble() == takesGreatest ? mine : theirs;
        }

        return keyword switch
        {
            "required" when mine.ValueKind == JsonValueKind.Array && theirs.ValueKind == JsonValueKind.Array =>
                JsonSerializer.SerializeToElement(mine.EnumerateArray().Concat(theirs.EnumerateArray()).DistinctBy(name => name.GetRawText())),
            "properties" when mine.ValueKind == JsonValueKind.Object && theirs.ValueKind == JsonValueKind.Object =>
                JoinProperties(mine, theirs),
            _ => throw Twice(keyword),
        };
    }

    private JsonElement JoinProperties(JsonElement mine, JsonElement theirs)
    {
        var joined = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in mine.EnumerateObject().Concat(theirs.EnumerateObject()))
        {
            if (!joined.TryAdd(property.Name, property.Value) && !JsonElement.DeepEquals(joined[property.Name], property.Value))
            {
                throw Twice($"the property '{property.Name}'");
            }
        }

        return JsonSerializer.SerializeToElement(joined);
    }

    private JsonSchemaException Twice(string what) =>
        new($"says two different things of {what} at {At} (by allOf, or beside $ref, anyOf or oneOf); say one");
}
