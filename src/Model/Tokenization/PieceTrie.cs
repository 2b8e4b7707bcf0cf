using System.Buffers;

namespace Orca.Model.Tokenization;

/// <summary>
/// Texts with a number each, found at a place of a longer text; of several that stand there the longest goes first. Immutable.
/// </summary>
internal sealed class PieceTrie
{
    private const int Nothing = -1;

    private readonly Dictionary<(int Node, char Next), int> children = [];
    private readonly List<int> values = [Nothing];

    /// <summary>A trie of these texts; empty ones are left out, and of equal ones the last counts.</summary>
    public PieceTrie(IEnumerable<(string Text, int Value)> pieces)
    {
        foreach (var (text, value) in pieces.Where(piece => piece.Text.Length > 0))
        {
            values[NodeOf(text)] = value;
        }

        FirstUnits = SearchValues.Create([.. children.Keys.Where(edge => edge.Node == 0).Select(edge => edge.Next)]);
    }

    /// <summary>No texts.</summary>
    public static PieceTrie None { get; } = new([]);

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => children.Count == 0;

    /// <summary>The units that a text of the trie can begin with.</summary>
    public SearchValues<char> FirstUnits { get; }

    /// <summary>Goes on from a node, 0 at first, by one unit; false where no text goes on so.</summary>
    public bool TryStep(ref int node, char unit) => children.TryGetValue((node, unit), out node);

    /// <summary>The number of the text that ends at a node; null where none does.</summary>
    public int? ValueAt(int node) => values[node] is var value && value != Nothing ? value : null;

    /// <summary>Finds the longest text that the given one begins with.</summary>
    public bool TryMatch(ReadOnlySpan<char> text, out int value, out int length)
    {
        (value, length) = (Nothing, 0);
        var node = 0;
        for (var i = 0; i < text.Length && TryStep(ref node, text[i]); i++)
        {
            if (ValueAt(node) is { } found)
            {
                (value, length) = (found, i + 1);
            }
        }

        return length > 0;
    }

    private int NodeOf(string text)
    {
        var node = 0;
        foreach (var unit in text)
        {
            if (!children.TryGetValue((node, unit), out var next))
            {
                next = children[(node, unit)] = values.Count;
                values.Add(Nothing);
            }

            node = next;
        }

        return node;
    }
}
