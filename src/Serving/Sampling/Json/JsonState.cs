namespace Orca.Serving.Sampling.Json;

/// <summary>
/// How far a JSON value is written, moved on byte by byte. Where a text can still become several of a union's shapes, all ways of
/// reading it are kept beside each other. Every byte that may come next leaves it where the value can still be completed.
/// </summary>
internal sealed class JsonState
{
    /// <summary>
    /// Ways of reading a text at once at most. Beyond, the later ones are not followed: that takes values from the choice, and lets
    /// nothing wrong through.
    /// </summary>
    private const int MostWays = 256;

    private JsonGrammar grammar;
    private JsonStack[] ways = [new JsonStack()];
    private int count = 1;
    private int[] key = new int[32];

    /// <summary>A value that has not begun.</summary>
    public JsonState(JsonGrammar grammar)
    {
        this.grammar = grammar;
        ways[0].Begin(grammar.Root);
    }

    /// <summary>Whether the value is complete and nothing may follow.</summary>
    public bool IsComplete
    {
        get
        {
            foreach (var way in ways.AsSpan(0, count))
            {
                if (!way.IsComplete)
                {
                    return false;
                }
            }

            return count > 0;
        }
    }

    /// <summary>Whether the value may end here. A number may, and may go on.</summary>
    public bool MayEnd
    {
        get
        {
            foreach (var way in ways.AsSpan(0, count))
            {
                if (way.MayEnd(grammar))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>
    /// The state as text that is equal for states that allow the same next bytes, so many of them: what is counted is told no further
    /// than that.
    /// </summary>
    /// <param name="horizon">Bytes.</param>
    /// <returns>Valid until the next call.</returns>
    public ReadOnlySpan<char> KeyWithin(int horizon)
    {
        var length = 0;
        foreach (var way in ways.AsSpan(0, count))
        {
            way.WriteKey(grammar, horizon, ref key, ref length);
        }

        return System.Runtime.InteropServices.MemoryMarshal.Cast<int, char>(key.AsSpan(0, length));
    }

    /// <summary>Becomes equal to another state.</summary>
    public void CopyFrom(JsonState other)
    {
        (grammar, count) = (other.grammar, 0);
        foreach (var way in other.ways.AsSpan(0, other.count))
        {
            Spare().CopyFrom(way);
            count++;
        }
    }

    /// <summary>Takes the next byte; false where it may not come, and then the state is spoilt.</summary>
    public bool TryAdvance(byte next)
    {
        var (before, kept) = (count, 0);
        for (var i = 0; i < before; i++)
        {
            var way = ways[i];
            if (!way.TryAdvance(next, grammar, this))
            {
                way.Clear();
            }
        }

        for (var i = 0; i < count; i++)
        {
            if (!ways[i].IsClear && !IsAmong(ways[i], kept))
            {
                (ways[kept], ways[i]) = (ways[i], ways[kept]);
                kept++;
            }
        }

        count = kept;
        return count > 0;
    }

    /// <summary>Another way of reading the text, which begins as a copy; null where there are too many.</summary>
    public JsonStack? Fork(JsonStack way)
    {
        if (count == MostWays)
        {
            return null;
        }

        var fork = Spare();
        count++;
        fork.CopyFrom(way);
        return fork;
    }

    private JsonStack Spare()
    {
        if (count == ways.Length)
        {
            Array.Resize(ref ways, 2 * count);
        }

        return ways[count] ??= new JsonStack();
    }

    private bool IsAmong(JsonStack way, int first)
    {
        for (var i = 0; i < first; i++)
        {
            if (ways[i].IsEqualTo(way))
            {
                return true;
            }
        }

        return false;
    }
}
