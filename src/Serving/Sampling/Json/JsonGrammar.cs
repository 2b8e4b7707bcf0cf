using System.Collections.Immutable;
using System.Text;
using Orca.Serving.Sampling.Json.Automata;

namespace Orca.Serving.Sampling.Json;

/// <summary>The shapes of a value and of all values within it, by number, so that a state can be plain numbers. Immutable.</summary>
internal sealed class JsonGrammar
{
    /// <summary>Depth of a shape that no value of any size can have.</summary>
    public const int Endless = int.MaxValue / 2;

    private readonly ImmutableArray<JsonShape> shapes;
    private readonly int[] depths;
    private readonly int[][] simple;

    /// <param name="shapes">The shapes.</param>
    /// <param name="root">Number of the whole value's shape.</param>
    public JsonGrammar(ImmutableArray<JsonShape> shapes, int root)
    {
        (this.shapes, Root) = (shapes, root);
        depths = Depths();
        foreach (var shape in shapes)
        {
            (shape as JsonShape.Object)?.Properties.SetDepths(DepthOf);
        }

        simple = new int[shapes.Length][];
        for (var number = 0; number < shapes.Length; number++)
        {
            simple[number] = [.. Flatten(number)];
        }

        Bytes = 256 + shapes.Sum(BytesOf) + simple.Sum(numbers => 32 + (sizeof(int) * (long)numbers.Length));
    }

    /// <summary>Any JSON object.</summary>
    public static JsonGrammar AnyObject { get; } = JsonShapes.AnyObject();

    /// <summary>Number of the whole value's shape.</summary>
    public int Root { get; }

    /// <summary>Bytes that it takes, about.</summary>
    public long Bytes { get; }

    /// <summary>A shape by its number.</summary>
    public JsonShape this[int number] => shapes[number];

    /// <summary>
    /// Objects and arrays within each other that a value of a shape has at least; <see cref="Endless"/> where there is none.
    /// </summary>
    public int DepthOf(int number) => depths[number];

    /// <summary>The shapes that a shape may be, none of them a union: itself, or what its union comes to.</summary>
    public ReadOnlySpan<int> SimpleOf(int number) => simple[number];

    /// <summary>
    /// Every byte that an answer cannot do without: those of names, and of characters that have no alternative beside them.
    /// </summary>
    public IEnumerable<byte> NeededBytes() => shapes.SelectMany(shape => shape switch
    {
        JsonShape.Text text => Enumerable.Range(0, text.Texts.States).SelectMany(state => OnlyNext(text.Texts, state)),
        JsonShape.Object { Properties: var properties } => properties.Names.Bytes(),
        _ => [],
    }).Distinct();

    private static long BytesOf(JsonShape shape) => 80 + shape switch
    {
        // All grammars share these.
        JsonShape.Text { Texts: var texts } when texts == NumberAutomata.AnyNumber || texts == NumberAutomata.AnyInteger => 0,
        JsonShape.Text { Literals.IsDefault: false } text =>
            text.Texts.Bytes + text.Literals.Sum(literal => 32 + (sizeof(char) * (long)literal.Length)),
        JsonShape.Text text => text.Texts.Bytes,
        JsonShape.Object known => known.Properties.Bytes,
        JsonShape.Union union => sizeof(int) * union.Alternatives.Length,
        JsonShape.Array array => sizeof(int) * array.Prefix.Length,
        _ => 0,
    };

    private static byte[] OnlyNext(Automaton texts, int state) =>
        texts.MovesFrom(state) is [var only] && only.First == only.Last ? Encoding.UTF8.GetBytes(char.ConvertFromUtf32(only.First)) : [];

    private int[] Depths()
    {
        var found = new int[shapes.Length];
        Array.Fill(found, Endless);
        for (var hasChanged = true; hasChanged;)
        {
            hasChanged = false;
            for (var number = 0; number < shapes.Length; number++)
            {
                var depth = Math.Min(Endless, Depth(shapes[number], found));
                hasChanged |= depth != found[number];
                found[number] = depth;
            }
        }

        return found;
    }

    private static int Depth(JsonShape shape, int[] found) => shape switch
    {
        JsonShape.Union union => union.Alternatives.Select(number => found[number]).Append(Endless).Min(),
        JsonShape.Array array =>
            1 + Enumerable.Range(0, Math.Min(array.Least, array.Prefix.Length + 1))
                .Select(index => found[array.ItemAt(index)]).Append(0).Max(),
        JsonShape.Object known =>
            1 + known.Properties.All.Where(property => property.IsRequired).Select(property => found[property.Value]).Append(0).Max(),
        _ => 0,
    };

    private List<int> Flatten(int number)
    {
        var (seen, simples) = (new HashSet<int> { number }, new List<int>());
        var open = new Queue<int>(seen);
        while (open.TryDequeue(out var next))
        {
            if (shapes[next] is JsonShape.Union union)
            {
                foreach (var alternative in union.Alternatives.Where(seen.Add))
                {
                    open.Enqueue(alternative);
                }
            }
            else if (depths[next] < Endless)
            {
                simples.Add(next);
            }
        }

        return simples;
    }
}
