using System.Collections.Immutable;

namespace Orca.Serving.Sampling.Json.Automata;

/// <summary>Makes automata of regular expressions: each of the whole texts that the expression is found in.</summary>
internal sealed class PatternAutomata
{
    private const int MostNodes = 20_000;

    // Nodes of an automaton that is not deterministic, as in Thompson's construction: each takes characters or is an edge that takes none.
    private readonly List<Node> nodes = [];
    private readonly int start;
    private readonly int end;

    private PatternAutomata(PatternNode pattern)
    {
        // What precedes and what follows is free, unless the expression holds it to the edges.
        var (first, last) = Build(pattern);
        var before = Add(new Node { Set = CharSet.OfStrings });
        start = nodes[before].Next = Add(new Node { Next = before, Other = first });
        end = nodes[last].Next = Add(new Node { Set = CharSet.OfStrings });
        nodes[end].Next = end;
    }

    private enum Kind
    {
        Characters,
        Start,
        End,
    }

    /// <summary>The texts that a pattern is found in. Null where there are none.</summary>
    /// <exception cref="PatternException">It is none, or not regular.</exception>
    /// <exception cref="AutomatonSizeException">It takes too many states.</exception>
    public static Automaton? Of(string pattern, int mostStates)
    {
        var parts = PatternReader.Read(pattern) is PatternNode.Sequence sequence ? sequence.Parts : [PatternReader.Read(pattern)];
        var isHeld = parts is [PatternNode.Edge { IsStart: true }, ..];
        var looks = parts.Skip(isHeld ? 1 : 0).TakeWhile(part => part is PatternNode.Ahead).Cast<PatternNode.Ahead>().ToList();
        var rest = isHeld ? parts.RemoveRange(1, looks.Count) : parts;
        var texts = new PatternAutomata(new PatternNode.Sequence(rest)).Explore(mostStates);
        foreach (var look in looks)
        {
            var ahead = new PatternAutomata(new PatternNode.Sequence([new PatternNode.Edge(IsStart: true), look.Part])).Explore(mostStates);
            texts = texts is null || (ahead is null && look.IsRefused) ? texts
                : ahead is null ? null
                : TextAutomata.Both(texts, ahead, !look.IsRefused, mostStates);
        }

        return texts;
    }

    private (int First, int Last) Build(PatternNode pattern)
    {
        switch (pattern)
        {
            case PatternNode.Characters characters:
                var last = Add(new Node());
                return (Add(new Node { Set = characters.Set, Next = last }), last);
            case PatternNode.Sequence sequence:
                var first = Add(new Node());
                return (first, sequence.Parts.Aggregate(first, (tail, part) => Join(tail, Build(part))));
            case PatternNode.Choice choice:
                return Choose(choice.Alternatives.Select(Build).ToList());
            case PatternNode.Repeat repeat:
                return Repeat(repeat);
            case PatternNode.Edge edge:
                var after = Add(new Node());
                return (Add(new Node { Kind = edge.IsStart ? Kind.Start : Kind.End, Next = after }), after);
            default:
                throw new PatternException("looks ahead elsewhere than at the very beginning, after a '^'");
        }
    }

    private (int First, int Last) Choose(List<(int First, int Last)> alternatives)
    {
        var last = Add(new Node());
        var first = -1;
        foreach (var alternative in alternatives)
        {
            nodes[alternative.Last].Next = last;
            first = first < 0 ? alternative.First : Add(new Node { Next = first, Other = alternative.First });
        }

        return (first, last);
    }

    private (int First, int Last) Repeat(PatternNode.Repeat repeat)
    {
        var first = Add(new Node());
        var tail = first;
        for (var i = 0; i < repeat.Least; i++)
        {
            tail = Join(tail, Build(repeat.Part));
        }

        var last = Add(new Node());
        if (repeat.Most is null)
        {
            var part = Build(repeat.Part);
            var loop = Add(new Node { Next = part.First, Other = last });
            nodes[part.Last].Next = loop;
            nodes[tail].Next = loop;
            return (first, last);
        }

        for (var i = repeat.Least; i < repeat.Most; i++)
        {
            var part = Build(repeat.Part);
            nodes[tail].Next = Add(new Node { Next = part.First, Other = last });
            tail = part.Last;
        }

        nodes[tail].Next = last;
        return (first, last);
    }

    private int Join(int tail, (int First, int Last) part)
    {
        nodes[tail].Next = part.First;
        return part.Last;
    }

    private int Add(Node node)
    {
        nodes.Add(node);
        return nodes.Count <= MostNodes ? nodes.Count - 1 : throw new AutomatonSizeException($"{MostNodes} parts");
    }

    private Automaton? Explore(int mostStates) => Automaton.Explore(
        Closure([start], isStart: true), MovesFrom, state => state.Nodes.Contains(end) || EndsIn(state), mostStates);

    /// <summary>Whether the end of the text leads from a state to the end of the expression.</summary>
    private bool EndsIn(NodeSet state) => Closure(state.Nodes, state.IsStart, isEnd: true).Nodes.Contains(end);

    private IEnumerable<(int, int, NodeSet)> MovesFrom(NodeSet state)
    {
        var taking = state.Nodes.Select(node => nodes[node]).Where(node => node.Set is not null)
            .SelectMany(node => node.Set!.And(CharSet.OfStrings).Ranges.Select(range => (range.First, range.Last, node.Next))).ToList();
        var cuts = taking.SelectMany(range => new[] { range.First, range.Last + 1 }).Distinct().Order().ToList();
        for (var i = 0; i + 1 < cuts.Count; i++)
        {
            var (first, last) = (cuts[i], cuts[i + 1] - 1);
            var targets = taking.Where(range => range.First <= first && last <= range.Last).Select(range => range.Next).Distinct().ToList();
            if (targets.Count > 0)
            {
                yield return (first, last, Closure(targets, isStart: false));
            }
        }
    }

    /// <summary>All nodes that are reached without a character; what takes none and is done with is left out.</summary>
    private NodeSet Closure(IEnumerable<int> from, bool isStart, bool isEnd = false)
    {
        var seen = new HashSet<int>(from);
        var open = new Stack<int>(seen);
        while (open.TryPop(out var at))
        {
            var node = nodes[at];
            var isPassed = node.Set is null && (node.Kind == Kind.Characters || (node.Kind == Kind.Start ? isStart : isEnd));
            foreach (var next in isPassed ? new[] { node.Next, node.Other } : [])
            {
                if (next >= 0 && seen.Add(next))
                {
                    open.Push(next);
                }
            }
        }

        return new NodeSet([.. seen.Where(node => nodes[node] is { Set: not null } or { Kind: Kind.End }).Order()], isStart);
    }

    /// <summary>Where one may be, all at once: a state of the deterministic automaton.</summary>
    private sealed record NodeSet(ImmutableArray<int> Nodes, bool IsStart)
    {
        public bool Equals(NodeSet? other) =>
            other is not null && IsStart == other.IsStart && Nodes.AsSpan().SequenceEqual(other.Nodes.AsSpan());

        public override int GetHashCode()
        {
            var hash = new HashCode();
            foreach (var node in Nodes)
            {
                hash.Add(node);
            }

            return hash.ToHashCode();
        }
    }

    private sealed class Node
    {
        public CharSet? Set { get; init; }

        public Kind Kind { get; init; }

        public int Next { get; set; } = -1;

        public int Other { get; init; } = -1;
    }
}
