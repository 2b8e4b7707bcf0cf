using System.Runtime.InteropServices;

namespace Orca.Streams.Sieves;

/// <summary>
/// Finds the entries that share a hash: buckets of sixteen places, a cache line each, the newest first; what comes into a full bucket
/// drives its oldest out.
/// </summary>
/// <remarks>
/// A place is 32 bits: an entry's number and, in what bits that leaves, a part of its hash. Nothing is removed: an entry that has left
/// the index is found out by its sketch. So its size is fixed, a lookup is one cache miss, and a hash that very many texts share costs
/// no more than any other, and gives the newest of them.
/// </remarks>
internal sealed class BandTable
{
    /// <summary>Places of a bucket.</summary>
    public const int Places = 16;

    private readonly uint[] places;
    private readonly int numberBits;
    private readonly uint buckets;

    /// <param name="capacity">Entries of the index.</param>
    public BandTable(int capacity)
    {
        // A fifth more places than entries: few buckets overflow before the index does.
        buckets = (uint)(((capacity + (capacity / 5L)) + Places - 1) / Places);
        numberBits = 64 - (int)ulong.LeadingZeroCount((ulong)capacity);
        places = new uint[buckets * Places];
    }

    /// <summary>Bytes of its places.</summary>
    public long Bytes => places.LongLength * sizeof(uint);

    /// <summary>The places as bytes, to be saved and restored.</summary>
    public Span<byte> Raw => MemoryMarshal.AsBytes(places.AsSpan());

    /// <summary>Adds an entry, its number from 0.</summary>
    public void Add(uint hash, int entry)
    {
        var bucket = BucketOf(hash);
        bucket[..^1].CopyTo(bucket[1..]);
        bucket[0] = TagOf(hash) | (uint)(entry + 1);
    }

    /// <summary>Writes the entries that may have a hash, the newest first.</summary>
    /// <returns>How many.</returns>
    public int Find(uint hash, Span<int> entries)
    {
        var (count, tag, mask) = (0, TagOf(hash), (1u << numberBits) - 1);
        foreach (var place in BucketOf(hash))
        {
            if (place != 0 && (place & ~mask) == tag)
            {
                entries[count++] = (int)(place & mask) - 1;
            }
        }

        return count;
    }

    private Span<uint> BucketOf(uint hash) => places.AsSpan((int)(((ulong)hash * buckets) >> 32) * Places, Places);

    // The bucket takes the upper bits.
    private uint TagOf(uint hash) => numberBits == 32 ? 0 : hash << numberBits;
}
