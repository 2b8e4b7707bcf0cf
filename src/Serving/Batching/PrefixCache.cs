namespace Orca.Serving.Batching;

/// <summary>
/// Which blocks can be found again by what they begin with, and in which order those that nobody uses are given up: blocks
/// of versions that no traffic goes to first, then those unused for longest. Knows no reference counts.
/// </summary>
internal sealed class PrefixCache
{
    private const long Unnamed = 0;

    private readonly Dictionary<UInt128, int> blocksByKey;
    private readonly UInt128[] keys;
    private readonly int[] counts;
    private readonly long[] versions;
    private readonly int most;
    private readonly BlockRing current;
    private readonly BlockRing old;
    private readonly HashSet<long> traffic = [];

    /// <param name="blocks">Blocks of the store.</param>
    /// <param name="names">Names that a block may have: one where it is found whole, more where by its beginnings.</param>
    public PrefixCache(int blocks, int names)
    {
        most = names;
        blocksByKey = new Dictionary<UInt128, int>(blocks * names);
        (keys, counts, versions) = (new UInt128[blocks * names], new int[blocks], new long[blocks]);
        (current, old) = (new BlockRing(blocks), new BlockRing(blocks));
    }

    /// <summary>Blocks that can be found and that nobody uses.</summary>
    public int Parked => current.Count + old.Count;

    /// <summary>Names that something can be found by.</summary>
    public int Names => blocksByKey.Count;

    /// <summary>Whether a block can be found.</summary>
    public bool IsNamed(int block) => versions[block] != Unnamed;

    /// <summary>Whether a block can be found and nobody uses it.</summary>
    public bool IsParked(int block) => current.Contains(block) || old.Contains(block);

    /// <summary>Names that a block has.</summary>
    public int NamesOf(int block) => counts[block];

    /// <summary>The version that computed a block that can be found; 0 for another.</summary>
    public long VersionOf(int block) => versions[block];

    /// <summary>The block of a name; null where there is none.</summary>
    public int? Find(UInt128 key) => blocksByKey.TryGetValue(key, out var block) ? block : null;

    /// <summary>Gives a block a further name; false where another has that name, and this one stays its users' own.</summary>
    public bool TryName(int block, UInt128 key, long version)
    {
        EngineInvariantException.Require(
            counts[block] < most && (!IsNamed(block) || versions[block] == version), $"block {block} is named once more than it may be");
        if (!blocksByKey.TryAdd(key, block))
        {
            return false;
        }

        keys[(block * most) + counts[block]++] = key;
        versions[block] = version;
        return true;
    }

    /// <summary>A block can be found no longer.</summary>
    public void Unname(int block) => UnnameAfter(block, null);

    /// <summary>A block can be found no longer by what it holds beyond one of its names; null: by none.</summary>
    public void UnnameAfter(int block, UInt128? last)
    {
        while (counts[block] > 0 && keys[(block * most) + counts[block] - 1] is var key && key != last)
        {
            blocksByKey.Remove(key);
            counts[block]--;
        }

        versions[block] = counts[block] > 0 ? versions[block] : Unnamed;
    }

    /// <summary>Nobody uses a named block for now.</summary>
    public void Park(int block) => (traffic.Contains(versions[block]) ? current : old).Add(block);

    /// <summary>Somebody uses a parked block again.</summary>
    public void Unpark(int block) => (current.Contains(block) ? current : old).Remove(block);

    /// <summary>Gives up the parked block that is missed least; there is one.</summary>
    public int GiveUp()
    {
        var block = old.Count > 0 ? old.Oldest : current.Oldest;
        Unpark(block);
        Unname(block);
        return block;
    }

    /// <summary>Traffic goes to these versions from now on: blocks of others are given up before theirs.</summary>
    public void Prefer(IEnumerable<long> active)
    {
        traffic.Clear();
        traffic.UnionWith(active);
        Move(current, old, isCurrent: false);
        Move(old, current, isCurrent: true);
    }

    private void Move(BlockRing from, BlockRing to, bool isCurrent)
    {
        foreach (var block in from.ToList())
        {
            if (traffic.Contains(versions[block]) == isCurrent)
            {
                from.Remove(block);
                to.Add(block);
            }
        }
    }
}
