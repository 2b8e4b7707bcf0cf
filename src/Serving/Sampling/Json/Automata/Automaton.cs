using System.Runtime.InteropServices;

namespace Orca.Serving.Sampling.Json.Automata;

/// <summary>
/// A deterministic finite automaton over characters: which texts there are, character by character. From every state one at
/// least can still be reached in which a text may end. State 0 is the first. Immutable.
/// </summary>
internal sealed class Automaton
{
    /// <summary>Moves that a state may have, on the average of the most states allowed.</summary>
    private const int MovesOfState = 16;

    private readonly int[] begins;
    private readonly AutomatonMove[] moves;
    private readonly bool[] ends;

    private Automaton(int[] begins, AutomatonMove[] moves, bool[] ends) => (this.begins, this.moves, this.ends) = (begins, moves, ends);

    /// <summary>How many states there are.</summary>
    public int States => ends.Length;

    /// <summary>Bytes that it takes, about.</summary>
    public long Bytes => 128 + ((sizeof(int) + 1L) * ends.Length) + (3L * sizeof(int) * moves.Length);

    /// <summary>Where a state leads to: ranges that do not overlap, in order.</summary>
    public ReadOnlySpan<AutomatonMove> MovesFrom(int state) => moves.AsSpan(begins[state]..begins[state + 1]);

    /// <summary>Whether a text may end in a state.</summary>
    public bool MayEnd(int state) => ends[state];

    /// <summary>Whether nothing follows a state.</summary>
    public bool IsLast(int state) => begins[state] == begins[state + 1];

    /// <summary>The state after one more character; -1 where it may not come.</summary>
    public int Step(int state, int character)
    {
        foreach (ref readonly var move in MovesFrom(state))
        {
            if (character <= move.Last)
            {
                return character >= move.First ? move.Target : -1;
            }
        }

        return -1;
    }

    /// <summary>Whether one of the characters of a range may come next.</summary>
    public bool CanStep(int state, int first, int last)
    {
        foreach (ref readonly var move in MovesFrom(state))
        {
            if (first <= move.Last)
            {
                return last >= move.First;
            }
        }

        return false;
    }

    /// <summary>Finds all states that can be reached, and keeps those from which an end can be.</summary>
    /// <param name="start">The first state.</param>
    /// <param name="movesFrom">Where a state leads to, by ranges of characters that do not overlap.</param>
    /// <param name="mayEnd">Whether a text may end in it.</param>
    /// <param name="mostStates">States at most.</param>
    /// <returns>Null where there is no text at all.</returns>
    /// <exception cref="AutomatonSizeException">There are more states, or more than 16 moves for each that is allowed.</exception>
    public static Automaton? Explore<TState>(
        TState start, Func<TState, IEnumerable<(int First, int Last, TState Target)>> movesFrom, Func<TState, bool> mayEnd, int mostStates)
        where TState : notnull
    {
        var numbers = new Dictionary<TState, int> { [start] = 0 };
        var found = new List<TState> { start };
        var moves = new List<List<AutomatonMove>>();
        var room = (long)mostStates * MovesOfState;
        for (var state = 0; state < found.Count; state++)
        {
            var own = new List<AutomatonMove>();
            foreach (var (first, last, target) in movesFrom(found[state]))
            {
                ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, target, out var isKnown);
                if (!isKnown)
                {
                    number = found.Count;
                    found.Add(target);
                }

                own.Add(new AutomatonMove(first, last, number));
            }

            moves.Add(own);
            room -= own.Count;
            if (found.Count > mostStates || room < 0)
            {
                throw new AutomatonSizeException(room < 0 ? $"{(long)mostStates * MovesOfState} ranges of "
                    + "characters" : $"{mostStates} states");
            }
        }

        return Prune(moves, [.. found.Select(mayEnd)]);
    }

    private static Automaton? Prune(List<List<AutomatonMove>> moves, bool[] ends)
    {
        var before = moves.ConvertAll(_ => new List<int>());
        foreach (var (state, own) in moves.Index())
        {
            own.ForEach(move => before[move.Target].Add(state));
        }

        var isAlive = ends.ToArray();
        var open = new Stack<int>(Enumerable.Range(0, ends.Length).Where(state => ends[state]));
        while (open.TryPop(out var state))
        {
            foreach (var earlier in before[state].Where(earlier => !isAlive[earlier]))
            {
                isAlive[earlier] = true;
                open.Push(earlier);
            }
        }

        return isAlive[0] ? Pack(moves, ends, isAlive) : null;
    }

    private static Automaton Pack(List<List<AutomatonMove>> moves, bool[] ends, bool[] isAlive)
    {
        var numbers = new int[ends.Length];
        var count = 0;
        for (var state = 0; state < ends.Length; state++)
        {
            numbers[state] = isAlive[state] ? count++ : -1;
        }

        var (begins, packed) = (new List<int> { 0 }, new List<AutomatonMove>());
        foreach (var own in moves.Where((_, state) => isAlive[state]))
        {
            packed.AddRange(own.Where(move => isAlive[move.Target]).OrderBy(move => move.First).Select(move => move with { Target = numbers[move.Target] }));
            begins.Add(packed.Count);
        }

        return new Automaton([.. begins], [.. packed], [.. ends.Where((_, state) => isAlive[state])]);
    }
}

/// <summary>One move of an automaton.</summary>
/// <param name="First">First character of those it takes.</param>
/// <param name="Last">Last of them.</param>
/// <param name="Target">The state it leads to.</param>
internal readonly record struct AutomatonMove(int First, int Last, int Target);

/// <summary>An automaton would be larger than is allowed; its message says than what.</summary>
internal sealed class AutomatonSizeException(string most) : Exception($"more than {most}");
