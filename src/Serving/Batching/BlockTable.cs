namespace Orca.Serving.Batching;

/// <summary>
/// The blocks of one sequence, in order, and how far what they hold has been given names. Every block in it counts the
/// sequence as one of its users. Belongs to the engine's thread.
/// </summary>
internal sealed class BlockTable(BlockPool pool, int blockTokens, int capacity)
{
    private readonly int[] blocks = new int[capacity];
    private UInt128 key;
    private int named;

    /// <summary>The blocks.</summary>
    public ReadOnlyMemory<int> Blocks => blocks.AsMemory(0, Count);

    /// <summary>How many.</summary>
    public int Count { get; private set; }

    /// <summary>Takes on the blocks in which a prefix of these tokens is found.</summary>
    /// <param name="root">From <see cref="BlockKeys.Root"/>.</param>
    /// <param name="tokens">Only full blocks of them are looked for.</param>
    /// <returns>Tokens found.</returns>
    public int TakeFound(UInt128 root, ReadOnlySpan<int> tokens)
    {
        EngineInvariantException.Require(Count == 0, $"a table of {Count} blocks looks for a prefix");
        (key, named) = (root, 0);
        while (tokens.Length - (Count * blockTokens) >= blockTokens)
        {
            var next = BlockKeys.Next(key, tokens.Slice(Count * blockTokens, blockTokens));
            if (pool.Prefixes.Find(next) is not { } block)
            {
                break;
            }

            pool.Share(block);
            blocks[Count++] = block;
            (key, named) = (next, Count);
        }

        return Count * blockTokens;
    }

    /// <summary>Has room for so many tokens; false where a block is missing and none can be had. Keeps those it has got.</summary>
    public bool TryGrow(int tokens)
    {
        while (Count * blockTokens < tokens)
        {
            if (!pool.TryTake(out var block))
            {
                return false;
            }

            blocks[Count++] = block;
        }

        return true;
    }

    /// <summary>Gives names to the full blocks of these tokens, all computed by one version.</summary>
    public void Name(ReadOnlySpan<int> computed, long version)
    {
        while (computed.Length - (named * blockTokens) >= blockTokens)
        {
            key = BlockKeys.Next(key, computed.Slice(named * blockTokens, blockTokens));
            pool.Prefixes.TryName(blocks[named], key, version);
            named++;
        }
    }

    /// <summary>Shares all full blocks of a table's first tokens, and takes a block of its own for the rest of them; false where there is none.</summary>
    /// <param name="other">The table.</param>
    /// <param name="tokens">Tokens that it holds.</param>
    /// <param name="copy">Copies the first tokens of a block into another.</param>
    public bool TryFork(BlockTable other, int tokens, Action<int, int, int> copy)
    {
        var full = tokens / blockTokens;
        var rest = tokens % blockTokens;
        var own = -1;
        if (rest > 0 && !pool.TryTake(out own))
        {
            return false;
        }

        for (Count = 0; Count < full; Count++)
        {
            blocks[Count] = other.blocks[Count];
            pool.Share(blocks[Count]);
        }

        if (rest > 0)
        {
            copy(other.blocks[full], own, rest);
            blocks[Count++] = own;
        }

        (key, named) = (other.key, other.named);
        return true;
    }

    /// <summary>The blocks from this token on may hold what is no number.</summary>
    public void SuspectFrom(int token)
    {
        for (var i = token / blockTokens; i < Count; i++)
        {
            pool.Suspect(blocks[i]);
        }
    }

    /// <summary>What its blocks hold is not to be found again.</summary>
    public void Discredit()
    {
        foreach (var block in Blocks.Span)
        {
            pool.Discredit(block);
        }
    }

    /// <summary>Gives every block back, the last first: ends are given up before the beginnings they need.</summary>
    public void ReturnAll()
    {
        while (Count > 0)
        {
            pool.Return(blocks[--Count]);
        }

        (key, named) = (default, 0);
    }
}
