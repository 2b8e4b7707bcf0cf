namespace Orca.Streams.Sieves;

/// <summary>The hash of the last so many words, word by word, each from the one before.</summary>
/// <param name="length">Words of a run; 1 or more.</param>
internal struct RollingRun(int length)
{
    private const ulong Base = 0xD6E8_FEB8_6659_FD93;

    private readonly ulong first = Power(length);
    private ulong rolling;

    /// <summary>The hash of the run that ends with the last word; of fewer words at the beginning.</summary>
    public readonly ulong Hash => Mixed(rolling);

    /// <summary>Goes on to a word.</summary>
    /// <param name="words">All words.</param>
    /// <param name="index">Which is next: from 0, one after another.</param>
    public void Push(ReadOnlySpan<ulong> words, int index)
    {
        rolling = (rolling * Base) + words[index];
        if (index >= length)
        {
            rolling -= words[index - length] * first;
        }
    }

    /// <summary>The hash of words as one run.</summary>
    public static ulong Of(ReadOnlySpan<ulong> words)
    {
        var rolling = 0ul;
        foreach (var word in words)
        {
            rolling = (rolling * Base) + word;
        }

        return Mixed(rolling);
    }

    // Spreads what differs in a few bits over all of them (the finalizer of MurmurHash3).
    private static ulong Mixed(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * 0xFF51_AFD7_ED55_8CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CE_B9FE_1A85_EC53;
        return hash ^ (hash >> 33);
    }

    private static ulong Power(int exponent)
    {
        var power = 1ul;
        for (var step = 0; step < exponent; step++)
        {
            power *= Base;
        }

        return power;
    }
}
