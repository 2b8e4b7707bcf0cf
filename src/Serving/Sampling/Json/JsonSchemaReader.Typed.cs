using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Orca.Serving.Sampling.Json.Automata;

namespace Orca.Serving.Sampling.Json;

/// <summary>Schemas that say what kind of value there is.</summary>
internal sealed partial class JsonSchemaReader
{
    private const int MaxPatternStates = 4_096;

    private static readonly string[] AllKinds = ["object", "array", "string", "number", "integer", "boolean", "null"];

    private static readonly (string Kind, string[] Keywords)[] KeywordsOfKinds =
    [
        ("object", ["properties", "required", "additionalProperties", "propertyNames", "minProperties", "patternProperties"]),
        ("array", ["items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems"]),
        ("string", ["minLength", "maxLength", "pattern", "format"]),
        ("number", ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
    ];

    private static readonly FrozenSet<string> KnownOfTyped = KeywordsOfKinds.SelectMany(pair => pair.Keywords).Append("type").ToFrozenSet();

    private readonly Dictionary<(string Pattern, int Least, int Most), int> patterned = [];
    private readonly Dictionary<(bool IsInteger, NumberRange Range), int> ranged = [];

    private int Typed(SchemaKeywords schema, int depth)
    {
        schema.RefuseOthers(KnownOfTyped);
        var kinds = schema.Has("type") ? Kinds(schema) : KindsDescribed(schema);
        if (kinds.Count == 0)
        {
            return shapes.Any;
        }

        var numbers = kinds.Where(kind => kind != "integer" || !kinds.Contains("number"))
            .Select(kind => OfKind(kind, schema, depth)).ToArray();
        return numbers.Length == 1 ? numbers[0] : shapes.Add(new JsonShape.Union([.. numbers]));
    }

    /// <summary>What only describes one kind of value means that kind: nobody who lists properties wants a number.</summary>
    private static HashSet<string> KindsDescribed(SchemaKeywords schema) =>
        [.. KeywordsOfKinds.Where(pair => schema.Has(pair.Keywords)).Select(pair => pair.Kind)];

    private static HashSet<string> Kinds(SchemaKeywords schema)
    {
        var type = schema["type"]!.Value;
        var names = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().ToArray() : [type];
        var kinds = new HashSet<string>();
        foreach (var name in names)
        {
            kinds.Add(name.ValueKind == JsonValueKind.String && AllKinds.Contains(name.GetString())
                ? name.GetString()!
                : throw new JsonSchemaException($"has the type {Cut(name.GetRawText())} at {schema.At}; known are "
                    + $"{string.Join(", ", AllKinds.Order())}"));
        }

        return kinds.Count > 0 ? kinds : throw new JsonSchemaException($"has no type in the list at {schema.At}");
    }

    private int OfKind(string kind, SchemaKeywords schema, int depth) => kind switch
    {
        "object" => Object(schema, depth),
        "array" => Array(schema, depth),
        "string" => String(schema),
        "number" => Number(schema, isInteger: false),
        "integer" => Number(schema, isInteger: true),
        "boolean" => shapes.Boolean,
        _ => shapes.Null,
    };

    private int Array(SchemaKeywords schema, int depth)
    {
        if (schema["uniqueItems"] is { ValueKind: not JsonValueKind.False })
        {
            throw new JsonSchemaException($"uses uniqueItems at {schema.At}, which answers cannot be held to here; leave it out, or "
                + "check the answer yourself");
        }

        // Older schemas list the first elements under items.
        var isOld = schema["items"] is { ValueKind: JsonValueKind.Array };
        var prefix = (isOld ? schema["items"] : schema["prefixItems"]) is { } listed
            ? Elements(listed, isOld ? "items" : "prefixItems", schema.At)
                .Select((item, i) => Shape(item, $"{schema.At}/prefixItems/{i}", depth - 1)).ToImmutableArray()
            : [];
        var others = isOld ? schema["additionalItems"] : schema["items"];
        var (least, most) = Range(schema, "minItems", "maxItems");
        if (prefix.Length > 0)
        {
            // Who lists elements and says nothing else means these elements, all of them.
            most = others is null or { ValueKind: JsonValueKind.False } ? Math.Min(most, prefix.Length) : most;
            least = schema.Has("minItems") ? least : Math.Min(most, prefix.Length);
        }

        if (least > most)
        {
            throw new JsonSchemaException($"asks for {least} elements at {schema.At} and describes {most}, which no value fits");
        }

        return shapes.Add(new JsonShape.Array(
            prefix, others is { } schemaOfOthers ? Shape(schemaOfOthers, $"{schema.At}/items", depth - 1) : shapes.Any, least, most));
    }

    private int String(SchemaKeywords schema)
    {
        var (least, most) = Range(schema, "minLength", "maxLength");
        var pattern = schema["pattern"] is { } given
            ? given.ValueKind == JsonValueKind.String ? given.GetString() : throw new JsonSchemaException($"has a pattern at {schema.At} that is no text")
            : schema["format"] is { ValueKind: JsonValueKind.String } format ? StringFormats.PatternOf(format.GetString()!) : null;
        if (pattern is null)
        {
            return least == 0 && most == int.MaxValue ? shapes.AnyString : shapes.Add(new JsonShape.String(least, most));
        }

        if (!patterned.TryGetValue((pattern, least, most), out var number))
        {
            number = patterned[(pattern, least, most)] = shapes.Add(new JsonShape.Text(Patterned(pattern, least, most, schema.At)));
        }

        return number;
    }

    private static Automaton Patterned(string pattern, int least, int most, string at)
    {
        try
        {
            var texts = PatternAutomata.Of(pattern, MaxPatternStates);
            texts = texts is not null && (least > 0 || most < int.MaxValue)
                ? TextAutomata.OfLength(texts, least, most, MaxPatternStates)
                : texts;
            return (texts is null ? null : TextAutomata.Quoted(texts, 2 * MaxPatternStates))
                ?? throw new JsonSchemaException($"has the pattern {Cut(pattern)} at {at}, which no string of the allowed length fits");
        }
        catch (PatternException fault)
        {
            throw new JsonSchemaException($"has the pattern {Cut(pattern)} at {at}, which {fault.Message}; write it otherwise, or check "
                + "the answer yourself");
        }
        catch (AutomatonSizeException size)
        {
            throw new JsonSchemaException($"has the pattern {Cut(pattern)} at {at}, which with its lengths takes {size.Message}; make it "
                + "simpler");
        }
    }

    private int Number(SchemaKeywords schema, bool isInteger)
    {
        var range = NumberRangeOf(schema);
        if (range == NumberRange.All)
        {
            return isInteger ? shapes.Integer : shapes.Number;
        }

        if (!ranged.TryGetValue((isInteger, range), out var number))
        {
            number = ranged[(isInteger, range)] = shapes.Add(new JsonShape.Text(Ranged(isInteger, range, schema.At)));
        }

        return number;
    }

    private static Automaton Ranged(bool isInteger, NumberRange range, string at)
    {
        try
        {
            return NumberAutomata.Of(isInteger, range)
                ?? throw new JsonSchemaException($"has bounds of a number at {at} that none of 16 digits fits");
        }
        catch (AutomatonSizeException)
        {
            throw new JsonSchemaException($"uses multipleOf at {at} with bounds that together take too many states; leave one of them out");
        }
    }

    private static NumberRange NumberRangeOf(SchemaKeywords schema)
    {
        var step = Decimal(schema, "multipleOf");
        return step is null || NumberAutomata.CanBeMultiple(step.Value)
            ? new NumberRange(
                Tighter(Bound(schema, "minimum", "exclusiveMinimum"), (one, other) => one.Value > other.Value),
                Tighter(Bound(schema, "maximum", "exclusiveMaximum"), (one, other) => one.Value < other.Value),
                step)
            : throw new JsonSchemaException($"has multipleOf {step} at {schema.At}; steps such as 0.01, 0.5, 3 or 100, up to 1000, can "
                + "be kept");
    }

    private static NumberBound? Tighter((NumberBound? One, NumberBound? Other) bounds, Func<NumberBound, NumberBound, bool> isTighter) =>
        bounds is ({ } one, { } exclusive) ? isTighter(one, exclusive) ? one : exclusive : bounds.One ?? bounds.Other;

    /// <summary>The bounds that the two keywords give. In older schemas the second says whether the first is exclusive.</summary>
    private static (NumberBound? One, NumberBound? Exclusive) Bound(SchemaKeywords schema, string keyword, string exclusive)
    {
        var own = Decimal(schema, keyword);
        return schema[exclusive] is { ValueKind: JsonValueKind.True or JsonValueKind.False } isExclusive
            ? (own is { } old ? new NumberBound(old, isExclusive.ValueKind == JsonValueKind.True) : null, null)
            : (own is { } bound ? new NumberBound(bound, false) : null, Decimal(schema, exclusive) is { } other ? new NumberBound(other, true) : null);
    }

    private static decimal? Decimal(SchemaKeywords schema, string keyword) => schema[keyword] switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number => number.TryGetDecimal(out var value) ? value
            : number.GetDouble() > 0 ? decimal.MaxValue
            : decimal.MinValue,
        { } other => throw new JsonSchemaException($"has {keyword} {Cut(other.GetRawText())} at {schema.At}; a number is expected"),
    };

    private static (int Least, int Most) Range(SchemaKeywords schema, string least, string most)
    {
        int Bound(string name, int otherwise) => schema[name] is not { } value ? otherwise
            : value.ValueKind == JsonValueKind.Number
                && value.TryGetDecimal(out var bound)
                && bound >= 0
                && bound == decimal.Truncate(bound)
                ? (int)Math.Min(bound, int.MaxValue)
                : throw new JsonSchemaException($"has {name} {Cut(value.GetRawText())} at {schema.At}; a whole number from 0 is allowed");

        var range = (Least: Bound(least, 0), Most: Bound(most, int.MaxValue));
        return range.Least <= range.Most
            ? range
            : throw new JsonSchemaException($"has {least} above {most} at {schema.At}, which no value fits");
    }
}
