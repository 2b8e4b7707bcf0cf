namespace Orca.Streams.Storage;

/// <summary>
/// Tells of most ids that were never stored that they were not, without a look at the file: a Bloom filter of 8 MiB. Safe to use from
/// several threads.
/// </summary>
/// <remarks>
/// Of a million ids it is wrong about hardly any, of ten millions about one in forty; wrong means that the file is looked at in vain, never
/// that an id is overlooked.
/// </remarks>
internal sealed class KnownIds
{
    private const int Bits = 1 << 26;
    private const int BitsOfAnId = 4;
    private readonly long[] words = new long[Bits / 64];

    /// <summary>The id is stored, or is about to be.</summary>
    public void Add(string id)
    {
        var hash = HashOf(id);
        for (var number = 0; number < BitsOfAnId; number++)
        {
            var bit = BitOf(hash, number);
            Interlocked.Or(ref words[bit >> 6], 1L << bit);
        }
    }

    /// <summary>False only where the id was never added.</summary>
    public bool MayContain(string id)
    {
        var hash = HashOf(id);
        for (var number = 0; number < BitsOfAnId; number++)
        {
            var bit = BitOf(hash, number);
            if ((Volatile.Read(ref words[bit >> 6]) & (1L << bit)) == 0)
            {
                return false;
            }
        }

        return true;
    }

    // Two halves of one hash make all of them (Kirsch and Mitzenmacher, 2006).
    private static int BitOf(ulong hash, int number) => (int)(((hash & 0xFFFFFFFF) + ((ulong)number * ((hash >> 32) | 1))) & (Bits - 1));

    // FNV-1a, its halves mixed once more.
    private static ulong HashOf(string id)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in id)
        {
            hash = (hash ^ letter) * 1099511628211UL;
        }

        hash ^= hash >> 29;
        return hash * 0xBF58476D1CE4E5B9UL;
    }
}
