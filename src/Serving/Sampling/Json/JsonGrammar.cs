namespace Orca.Serving.Sampling.Json;

/// <summary>A shape and all shapes within it, by number, so that a state can be plain numbers. Immutable.</summary>
internal sealed class JsonGrammar
{
    private static readonly JsonShape Booleans = new() { Kinds = JsonKinds.None, Literals = new ByteTrie(["true"u8.ToArray(), "false"u8.ToArray()]) };
    private static readonly JsonShape Nulls = new() { Kinds = JsonKinds.None, Literals = new ByteTrie(["null"u8.ToArray()]) };

    private readonly List<JsonShape> shapes = [];
    private readonly Dictionary<JsonShape, int> numbers = new(ReferenceEqualityComparer.Instance);

    public JsonGrammar(JsonShape root)
    {
        (Boolean, Null, Any) = (Number(Booleans), Number(Nulls), Number(JsonShape.Any));
        Root = Number(root);
    }

    /// <summary>Number of the whole value's shape.</summary>
    public int Root { get; }

    /// <summary>Number of the shape of true and false.</summary>
    public int Boolean { get; }

    /// <summary>Number of the shape of null.</summary>
    public int Null { get; }

    /// <summary>Number of the shape of any value.</summary>
    public int Any { get; }

    /// <summary>A shape by its number.</summary>
    public JsonShape this[int number] => shapes[number];

    /// <summary>Number of a shape that is in it.</summary>
    public int NumberOf(JsonShape? shape) => shape is null ? Any : numbers[shape];

    /// <summary>Every byte of the names and values that it holds literally.</summary>
    public IEnumerable<byte> LiteralBytes() => shapes.SelectMany(shape => (shape.Literals?.Bytes() ?? []).Concat(shape.Properties?.Names.Bytes() ?? []));

    private int Number(JsonShape shape)
    {
        if (numbers.TryGetValue(shape, out var known))
        {
            return known;
        }

        var number = numbers[shape] = shapes.Count;
        shapes.Add(shape);
        if (shape.Items is { } items)
        {
            Number(items);
        }

        for (var i = 0; i < (shape.Properties?.Count ?? 0); i++)
        {
            Number(shape.Properties![i]);
        }

        return number;
    }
}
