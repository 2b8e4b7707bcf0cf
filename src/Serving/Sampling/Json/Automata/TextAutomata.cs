namespace Orca.Serving.Sampling.Json.Automata;

/// <summary>Automata of texts that are known, and what is made of others.</summary>
internal static class TextAutomata
{
    private static readonly (char Character, char Letter)[] Escaped =
        [('\b', 'b'), ('\t', 't'), ('\n', 'n'), ('\f', 'f'), ('\r', 'r'), ('"', '"'), ('\\', '\\')];

    private static readonly CharSet Plain = CharSet.Of(Escaped.Select(pair => ((int)pair.Character, (int)pair.Character))).Others();

    /// <summary>These texts and no others. Null where there are none.</summary>
    public static Automaton? Of(IEnumerable<string> texts, int mostStates)
    {
        var tree = new CharTree(texts);
        return Automaton.Explore(
            0, node => tree.ChildrenOf(node).Select(child => (child.Key, child.Key, child.Value)), tree.IsEnd, mostStates);
    }

    /// <summary>Every text but these.</summary>
    public static Automaton OtherThan(IEnumerable<string> texts, int mostStates)
    {
        const int away = -1;
        var tree = new CharTree(texts);
        return Automaton.Explore(0, MovesFrom, node => node == away || !tree.IsEnd(node), mostStates)!;

        IEnumerable<(int, int, int)> MovesFrom(int node)
        {
            var children = node == away ? [] : tree.ChildrenOf(node).ToList();
            var others = CharSet.Of(children.Select(child => (child.Key, child.Key))).Others();
            return children.Select(child => (child.Key, child.Key, child.Value))
                .Concat(others.Ranges.Select(range => (range.First, range.Last, away)));
        }
    }

    /// <summary>The texts that are of one and, as asked for, of the other or not of it. Null where there are none.</summary>
    public static Automaton? Both(Automaton one, Automaton other, bool isOfOther, int mostStates)
    {
        const int none = -1;
        return Automaton.Explore(
            (One: 0, Other: 0), MovesFrom, state =>
                one.MayEnd(state.One) && (state.Other != none && other.MayEnd(state.Other)) == isOfOther,
            mostStates);

        IEnumerable<(int, int, (int, int))> MovesFrom((int One, int Other) state)
        {
            foreach (var move in one.MovesFrom(state.One).ToArray())
            {
                var next = move.First;
                foreach (var beside in state.Other == none ? [] : other.MovesFrom(state.Other).ToArray())
                {
                    var (first, last) = (Math.Max(next, beside.First), Math.Min(move.Last, beside.Last));
                    if (first > last)
                    {
                        continue;
                    }

                    if (next < first)
                    {
                        yield return (next, first - 1, (move.Target, none));
                    }

                    yield return (first, last, (move.Target, beside.Target));
                    next = last + 1;
                }

                if (next <= move.Last)
                {
                    yield return (next, move.Last, (move.Target, none));
                }
            }
        }
    }

    /// <summary>The texts of so many characters. Null where there are none.</summary>
    public static Automaton? OfLength(Automaton texts, int least, int most, int mostStates)
    {
        // Beyond the greater bound that there is, counting ends.
        var countTo = most < int.MaxValue ? most : least;
        return Automaton.Explore(
            (State: 0, Count: 0),
            state => state.Count >= most ? [] : texts.MovesFrom(state.State).ToArray()
                .Select(move => (move.First, move.Last, (move.Target, Math.Min(state.Count + 1, countTo)))),
            state => state.Count >= least && texts.MayEnd(state.State),
            mostStates);
    }

    /// <summary>The texts as strings of JSON: between quotation marks, and each character written in one way only.</summary>
    /// <param name="texts">Of characters of <see cref="CharSet.OfStrings"/>.</param>
    /// <param name="mostStates">States at most.</param>
    public static Automaton? Quoted(Automaton texts, int mostStates)
    {
        return Automaton.Explore((Place.Before, State: 0), MovesFrom, state => state.Item1 == Place.After, mostStates);

        IEnumerable<(int, int, (Place, int))> MovesFrom((Place Place, int State) state) => state.Place switch
        {
            Place.Before => [('"', '"', (Place.Within, 0))],
            Place.Within => Within(state.State),
            Place.Escape => Escaped.Select(pair => ((int)pair.Letter, (int)pair.Letter, (Place.Within, texts.Step(state.State, pair.Character))))
                .Where(move => move.Item3.Item2 >= 0),
            _ => [],
        };

        IEnumerable<(int, int, (Place, int))> Within(int state)
        {
            foreach (var move in texts.MovesFrom(state).ToArray())
            {
                foreach (var (first, last) in CharSet.Of((move.First, move.Last)).And(Plain).Ranges)
                {
                    yield return (first, last, (Place.Within, move.Target));
                }
            }

            if (Escaped.Any(pair => texts.Step(state, pair.Character) >= 0))
            {
                yield return ('\\', '\\', (Place.Escape, state));
            }

            if (texts.MayEnd(state))
            {
                yield return ('"', '"', (Place.After, 0));
            }
        }
    }

    private enum Place
    {
        Before,
        Within,
        Escape,
        After,
    }

    /// <summary>Texts as a tree of their characters.</summary>
    private sealed class CharTree
    {
        private readonly List<SortedDictionary<int, int>> nodes = [[]];
        private readonly HashSet<int> ends = [];

        public CharTree(IEnumerable<string> texts)
        {
            foreach (var text in texts)
            {
                var at = 0;
                foreach (var rune in text.EnumerateRunes())
                {
                    if (!nodes[at].TryGetValue(rune.Value, out var child))
                    {
                        child = nodes[at][rune.Value] = nodes.Count;
                        nodes.Add([]);
                    }

                    at = child;
                }

                ends.Add(at);
            }
        }

        public IEnumerable<KeyValuePair<int, int>> ChildrenOf(int node) => nodes[node];

        public bool IsEnd(int node) => ends.Contains(node);
    }
}
