namespace Orca.Serving.Sampling.Json;

/// <summary>A few byte strings, walked byte by byte; each position knows which of them it can still become.</summary>
internal sealed class ByteTrie
{
    private readonly List<Node> nodes = [new Node()];

    /// <param name="texts">The strings, none empty. Equal ones count once.</param>
    public ByteTrie(IEnumerable<byte[]> texts)
    {
        foreach (var (index, text) in texts.Index())
        {
            Add(text, index);
        }
    }

    /// <summary>The position after one more byte; -1 where no string goes on so.</summary>
    public int Step(int at, byte next)
    {
        foreach (var (edge, child) in nodes[at].Children)
        {
            if (edge == next)
            {
                return child;
            }
        }

        return -1;
    }

    /// <summary>Which string ends here; -1 where none does.</summary>
    public int EndAt(int at) => nodes[at].End;

    /// <summary>Which of the strings begin so.</summary>
    public List<int> IndicesAt(int at) => nodes[at].Indices;

    /// <summary>Positions in all.</summary>
    public int Count => nodes.Count;

    /// <summary>Bytes that it takes, about: a position with two lists, most of them of one or two entries.</summary>
    public long Weight => 64 + (192L * nodes.Count) + (sizeof(int) * nodes.Sum(node => (long)node.Indices.Count));

    /// <summary>Every byte that one of them holds.</summary>
    public IEnumerable<byte> Bytes() => nodes.SelectMany(node => node.Children).Select(child => child.Edge).Distinct();

    private void Add(byte[] text, int index)
    {
        var at = 0;
        foreach (var next in text)
        {
            var child = Step(at, next);
            if (child < 0)
            {
                child = nodes.Count;
                nodes[at].Children.Add((next, child));
                nodes.Add(new Node());
            }

            at = child;
            nodes[at].Indices.Add(index);
        }

        nodes[at].End = index;
    }

    private sealed class Node
    {
        public List<(byte Edge, int Child)> Children { get; } = [];

        public List<int> Indices { get; } = [];

        public int End { get; set; } = -1;
    }
}
