namespace Orca.Serving.Batching;

/// <summary>
/// The blocks of one sequence, in order, and how far what they hold has been given names. Every block in it counts the
/// sequence as one of its users. Belongs to the engine's thread.
/// </summary>
/// <param name="pool">Where the blocks come from.</param>
/// <param name="shape">What a block is.</param>
/// <param name="capacity">Blocks at most.</param>
internal sealed class BlockTable(BlockPool pool, BlockShape shape, int capacity)
{
    private readonly int[] blocks = new int[capacity];
    private readonly int blockTokens = shape.Tokens;
    private UInt128 key;
    private int named;

    /// <summary>The blocks.</summary>
    public ReadOnlyMemory<int> Blocks => blocks.AsMemory(0, Count);

    /// <summary>How many.</summary>
    public int Count { get; private set; }

    /// <summary>Blocks that no other sequence uses.</summary>
    public int Unshared
    {
        get
        {
            var count = 0;
            foreach (var block in Blocks.Span)
            {
                count += pool.UsersOf(block) == 1 ? 1 : 0;
            }

            return count;
        }
    }

    /// <summary>Takes on the blocks in which a prefix of these tokens is found.</summary>
    /// <param name="root">From <see cref="BlockKeys.Root"/>.</param>
    /// <param name="tokens">Only whole grains of them are looked for.</param>
    /// <returns>Tokens found.</returns>
    public int TakeFound(UInt128 root, ReadOnlySpan<int> tokens)
    {
        EngineInvariantException.Require(Count == 0, $"a table of {Count} blocks looks for a prefix");
        (key, named) = (root, 0);
        return shape.IsWholeSequence ? TakeBeginning(tokens) : TakeBlocks(tokens);
    }

    private int TakeBlocks(ReadOnlySpan<int> tokens)
    {
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

    /// <summary>
    /// Where a block is a whole sequence: takes over the one that begins with most of these tokens where nobody uses it, or
    /// copies that beginning.
    /// </summary>
    private int TakeBeginning(ReadOnlySpan<int> tokens)
    {
        var (found, length, name, next) = (-1, 0, key, key);
        for (var end = shape.Grain; end <= tokens.Length; end += shape.Grain)
        {
            next = BlockKeys.Next(next, tokens.Slice(end - shape.Grain, shape.Grain));
            if (pool.Prefixes.Find(next) is { } block)
            {
                (found, length, name) = (block, end, next);
            }
        }

        if (found < 0)
        {
            return 0;
        }

        if (pool.UsersOf(found) == 0)
        {
            pool.Share(found);
            pool.Prefixes.UnnameAfter(found, name);
            pool.Held.Copy(found, found, length);
            blocks[0] = found;
        }
        else if (pool.TryTake(out var own))
        {
            shape.Copy(found, own, length);
            pool.Held.Copy(found, own, length);
            blocks[0] = own;
        }
        else
        {
            return 0;
        }

        (Count, key, named) = (1, name, length / shape.Grain);
        return length;
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

    /// <summary>A version has computed the tokens from one on and up to another into its blocks.</summary>
    public void Hold(int from, int to, long version)
    {
        for (var i = from / blockTokens; i * blockTokens < to; i++)
        {
            pool.Held.Set(blocks[i], version, Math.Min(to - (i * blockTokens), blockTokens));
        }
    }

    /// <summary>Gives names to the whole grains of these tokens, all computed by one version.</summary>
    public void Name(ReadOnlySpan<int> computed, long version)
    {
        while (computed.Length - (named * shape.Grain) >= shape.Grain)
        {
            key = BlockKeys.Next(key, computed.Slice(named * shape.Grain, shape.Grain));
            pool.Prefixes.TryName(blocks[named * shape.Grain / blockTokens], key, version);
            named++;
        }
    }

    /// <summary>
    /// Shares all full blocks of a table's first tokens, and takes a block of its own for the rest of them; false where there is none.
    /// </summary>
    /// <param name="other">The table.</param>
    /// <param name="tokens">Tokens that it holds.</param>
    public bool TryFork(BlockTable other, int tokens)
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
            shape.Copy(other.blocks[full], own, rest);
            pool.Held.Copy(other.blocks[full], own, rest);
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
            if (shape.IsWholeSequence)
            {
                // Who took over its beginning would be read to its end.
                pool.Discredit(blocks[i]);
            }
            else
            {
                pool.Suspect(blocks[i]);
            }
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

    /// <summary>Throws where its blocks are not said to hold as many tokens as there are.</summary>
    /// <exception cref="EngineInvariantException">They are not.</exception>
    public void Audit(int tokens)
    {
        for (var i = 0; i < Count; i++)
        {
            var wanted = Math.Clamp(tokens - (i * blockTokens), 0, blockTokens);
            var found = pool.Held.In(blocks[i]);
            EngineInvariantException.Require(found == wanted, $"block {blocks[i]} holds {wanted} tokens and counts {found}");
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

/// <summary>What a block of a store is.</summary>
/// <param name="Tokens">Tokens that it holds.</param>
/// <param name="Grain">Tokens by which what it holds is named; all of it, unless it holds whole sequences.</param>
/// <param name="IsWholeSequence">Whether a sequence has one block alone, which has room for the whole context.</param>
/// <param name="Copy">Copies the first tokens of a block into another.</param>
internal sealed record BlockShape(int Tokens, int Grain, bool IsWholeSequence, Action<int, int, int> Copy)
{
    private const int SmallestGrain = 16;
    private const int MostNames = 128;

    /// <summary>Names that a block may have.</summary>
    public int Names => Math.Max(1, Tokens / Grain);

    /// <summary>The shape of a store's blocks.</summary>
    /// <param name="tokens">Tokens that a block holds.</param>
    /// <param name="contextTokens">Tokens that a sequence may have.</param>
    /// <param name="copy">Copies the first tokens of a block into another.</param>
    public static BlockShape Of(int tokens, int contextTokens, Action<int, int, int> copy) => tokens < contextTokens
        ? new BlockShape(tokens, tokens, IsWholeSequence: false, copy)
        : new BlockShape(tokens, Math.Max(SmallestGrain, tokens / MostNames), IsWholeSequence: true, copy);
}
