namespace Orca.Serving.Batching;

/// <summary>
/// Who may use which block of a store: each is free, used by so many sequences, or cached: unused, but found again by what
/// it holds until its place is needed. Belongs to the engine's thread.
/// </summary>
internal sealed class BlockPool
{
    private readonly int[] users;
    private readonly bool[] isSuspect;
    private readonly FreeBlocks free;
    private readonly Action<int> clear;

    /// <param name="blocks">Blocks in all.</param>
    /// <param name="clear">Wipes out what a block holds.</param>
    /// <param name="names">Names that a block may be found by.</param>
    /// <param name="ledger">Told how many tokens the blocks hold; null: nobody is.</param>
    public BlockPool(int blocks, Action<int> clear, int names = 1, CacheLedger? ledger = null)
    {
        this.clear = clear;
        (users, isSuspect) = (new int[blocks], new bool[blocks]);
        free = new FreeBlocks(blocks);
        Prefixes = new PrefixCache(blocks, names);
        Held = new HeldTokens(blocks, ledger ?? new CacheLedger());
    }

    /// <summary>Blocks in all.</summary>
    public int Count => users.Length;

    /// <summary>Blocks that hold nothing.</summary>
    public int Free => free.Count;

    /// <summary>Blocks that nobody uses and that can be found.</summary>
    public int Cached => Prefixes.Parked;

    /// <summary>Blocks that somebody uses.</summary>
    public int Used { get; private set; }

    /// <summary>Blocks that can be had.</summary>
    public int Available => Free + Cached;

    /// <summary>What can be found.</summary>
    public PrefixCache Prefixes { get; }

    /// <summary>What the blocks hold.</summary>
    public HeldTokens Held { get; }

    /// <summary>Sequences that use a block.</summary>
    public int UsersOf(int block) => users[block];

    /// <summary>Whether a block is free.</summary>
    public bool IsFree(int block) => free.Contains(block);

    /// <summary>Takes a block for one sequence, at the cost of a cached one where none is free; false where every block is used.</summary>
    public bool TryTake(out int block)
    {
        block = -1;
        if (Available == 0)
        {
            return false;
        }

        if (free.Count == 0)
        {
            Release(Prefixes.GiveUp());
        }

        block = free.Take();
        users[block] = 1;
        Used++;
        return true;
    }

    /// <summary>One more sequence uses a block that is used or cached.</summary>
    public void Share(int block)
    {
        EngineInvariantException.Require(!IsFree(block), $"block {block} is shared but free");
        if (users[block]++ == 0)
        {
            Prefixes.Unpark(block);
            Used++;
        }
    }

    /// <summary>One sequence less uses a block; the last leaves it cached where it can be found, else free.</summary>
    public void Return(int block)
    {
        EngineInvariantException.Require(users[block] > 0, $"block {block} is returned but was not taken");
        if (--users[block] > 0)
        {
            return;
        }

        Used--;
        if (Prefixes.IsNamed(block))
        {
            Prefixes.Park(block);
        }
        else
        {
            Release(block);
        }
    }

    /// <summary>What a used block holds may not be numbers: it is wiped out before anything else is put there.</summary>
    public void Suspect(int block) => isSuspect[block] = true;

    /// <summary>What a used block holds is not to be found again.</summary>
    public void Discredit(int block)
    {
        Suspect(block);
        Prefixes.Unname(block);
    }

    /// <summary>Makes what a version left impossible to find, and frees what nobody uses of it; null: what every version left.</summary>
    /// <returns>Blocks that became free.</returns>
    public int Forget(long? version)
    {
        var freed = 0;
        for (var block = 0; block < Count; block++)
        {
            if (!Prefixes.IsNamed(block) || (version is { } only && Prefixes.VersionOf(block) != only))
            {
                continue;
            }

            var isParked = users[block] == 0;
            if (isParked)
            {
                Prefixes.Unpark(block);
            }

            Prefixes.Unname(block);
            if (isParked)
            {
                Release(block);
                freed++;
            }
        }

        return freed;
    }

    private void Release(int block)
    {
        if (isSuspect[block])
        {
            clear(block);
            isSuspect[block] = false;
        }

        Held.Clear(block);
        free.Add(block);
    }
}
