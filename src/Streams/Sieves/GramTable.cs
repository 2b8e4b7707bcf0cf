using System.Numerics;

namespace Orca.Streams.Sieves;

/// <summary>A number for each of many hashes, written once and then only read, by any number of threads.</summary>
/// <remarks>
/// Open addressing at a load of two thirds at most, so 18 to 36 bytes an entry, before which stands a filter of two or three bytes an
/// entry that turns away nearly everything that is not in it without a cache miss.
/// </remarks>
internal sealed class GramTable
{
    private readonly ulong[] keys;
    private readonly int[] values;
    private readonly ulong[] filter;

    /// <param name="count">Most entries that will be added.</param>
    public GramTable(int count)
    {
        var slots = BitOperations.RoundUpToPowerOf2((uint)Math.Max(count + (count / 2), 8));
        keys = new ulong[slots];
        values = new int[slots];
        filter = new ulong[Math.Max(slots / 8, 1)];
    }

    /// <summary>Bytes of its arrays.</summary>
    public long Bytes => (keys.LongLength * 12) + (filter.LongLength * 8);

    /// <summary>Whether a hash may be in it; false says that it is not.</summary>
    public bool MayContain(ulong key)
    {
        var bits = BitsOf(key);
        return (filter[BlockOf(key)] & bits) == bits;
    }

    /// <summary>Adds an entry that is not there yet.</summary>
    public void Add(ulong key, int value)
    {
        filter[BlockOf(key)] |= BitsOf(key);
        key |= 1;
        var slot = SlotOf(key);
        while (keys[slot] != 0)
        {
            slot = (slot + 1) & (keys.Length - 1);
        }

        (keys[slot], values[slot]) = (key, value);
    }

    /// <summary>The number of a hash.</summary>
    public bool TryGet(ulong key, out int value)
    {
        key |= 1;
        var slot = SlotOf(key);
        while (keys[slot] != 0)
        {
            if (keys[slot] == key)
            {
                value = values[slot];
                return true;
            }

            slot = (slot + 1) & (keys.Length - 1);
        }

        value = 0;
        return false;
    }

    private int SlotOf(ulong key) => (int)(key >> 20) & (keys.Length - 1);

    private int BlockOf(ulong key) => (int)(key >> 8) & (filter.Length - 1);

    private static ulong BitsOf(ulong key) => (1ul << (int)(key >> 58)) | (1ul << (int)(key >> 52)) | (1ul << (int)(key >> 46));
}
