using System.Collections.Immutable;
using Orca.Serving.Sampling.Json.Automata;

namespace Orca.Serving.Sampling.Json;

/// <summary>Gathers the shapes of a grammar. Those that every grammar may need are there once.</summary>
internal sealed partial class JsonShapes
{
    /// <summary>Shapes of one grammar at most.</summary>
    public const int Most = 10_000;

    /// <summary>Bytes that patterns, bounds and literals of one grammar may take.</summary>
    private const long MostBytes = 8 << 20;

    private readonly List<JsonShape> shapes = [];
    private long bytes;

    public JsonShapes()
    {
        Nothing = Add(new JsonShape.Union([]));
        AnyString = Add(new JsonShape.String(0, int.MaxValue));
        Number = Add(new JsonShape.Text(NumberAutomata.AnyNumber));
        Integer = Add(new JsonShape.Text(NumberAutomata.AnyInteger));
        Boolean = Add(Literals(["true", "false"]));
        Null = Add(Literals(["null"]));
        Any = Reserve();
        Array = Add(new JsonShape.Array([], Any, 0, int.MaxValue));
        Object = Add(new JsonShape.Object(new JsonProperties([]), AnyString, Any));
        Set(Any, new JsonShape.Union([Object, Array, AnyString, Number, Boolean, Null]));
    }

    /// <summary>No value at all.</summary>
    public int Nothing { get; }

    public int AnyString { get; }

    public int Number { get; }

    public int Integer { get; }

    public int Boolean { get; }

    public int Null { get; }

    /// <summary>Any value.</summary>
    public int Any { get; }

    /// <summary>Any array.</summary>
    public int Array { get; }

    /// <summary>Any object.</summary>
    public int Object { get; }

    /// <summary>A shape that was added.</summary>
    public JsonShape this[int number] => shapes[number];

    /// <summary>Some values and no others, each as compact JSON; none where there are none.</summary>
    public static JsonShape Literals(ImmutableArray<string> texts) =>
        TextAutomata.Of(texts, int.MaxValue) is { } automaton ? new JsonShape.Text(automaton, texts) : new JsonShape.Union([]);

    /// <summary>The grammar of any object.</summary>
    public static JsonGrammar AnyObject()
    {
        var shapes = new JsonShapes();
        return shapes.ToGrammar(shapes.Object);
    }

    /// <summary>Adds a shape, and gives its number.</summary>
    /// <exception cref="JsonSchemaException">There are too many, or their texts take too much.</exception>
    public int Add(JsonShape shape)
    {
        shapes.Add(shape);
        bytes += shape is JsonShape.Text text ? text.Texts.Bytes : 0;
        return shapes.Count > Most ? throw new JsonSchemaException($"holds more than {Most} shapes of values; describe fewer")
            : bytes > MostBytes ? throw new JsonSchemaException($"holds patterns, bounds and literals that take more than "
                + $"{MostBytes >> 20} MiB in all; make it smaller")
            : shapes.Count - 1;
    }

    /// <summary>A number for a shape that is known later.</summary>
    public int Reserve() => Add(new JsonShape.Union([]));

    /// <summary>The shape of a reserved number.</summary>
    public void Set(int number, JsonShape shape) => shapes[number] = shape;

    /// <summary>All of them.</summary>
    /// <param name="root">Number of the whole value's shape.</param>
    public JsonGrammar ToGrammar(int root) => new([.. shapes], root);
}
