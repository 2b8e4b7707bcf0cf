using System.Numerics;

namespace Orca.Streams.Sieves;

/// <summary>
/// A text's set of runs of words as 512 bits, of which two texts have the more in common the more runs they share, and as a few numbers
/// of which similar texts probably share one.
/// </summary>
/// <remarks>
/// <para>
/// One hash of each run is enough: it is put into one of 512 bins, each bin keeps its smallest (one permutation hashing), and a bin
/// that stays empty takes the number of another, chosen by a hash of its own (optimal densification: Shrivastava, "Optimal
/// Densification for Fast and Accurate Minwise Hashing", ICML 2017). Two texts agree in a bin with the probability of their Jaccard
/// similarity J. Of each bin one bit is kept (b-bit minwise hashing: Li and König, WWW 2010), so two sketches agree in (1 + J) / 2 of
/// their bits: the estimate's standard deviation is √((1 − J²) / 512), 0.027 at 0.8.
/// </para>
/// <para>A band is the hash of three bins: two texts share one with the probability J³, and one of the five with 0.97 at J =
/// 0.8.</para>
/// </remarks>
internal static class TextSketch
{
    /// <summary>Words of 64 bits of a sketch of all bins.</summary>
    public const int MostLength = Bins / 64;

    /// <summary>Bands of a text where nothing else is said.</summary>
    public const int MostBands = 5;

    /// <summary>Bins of a band where nothing else is said.</summary>
    public const int DefaultRows = 3;

    private const int Bins = 512;
    private const int BinBits = 9;
    private const uint Empty = uint.MaxValue;

    /// <summary>Sketches a set of runs that is not empty.</summary>
    /// <param name="runs">Their hashes; the same one twice counts once.</param>
    /// <param name="sketch">The bits: of all bins, or of the first so many.</param>
    /// <param name="bands">The bands.</param>
    /// <param name="rows">Bins of a band.</param>
    /// <param name="salt">Only texts of the same salt share bands.</param>
    public static void Write(ReadOnlySpan<ulong> runs, Span<ulong> sketch, Span<uint> bands, int rows, ulong salt)
    {
        Span<uint> bins = stackalloc uint[Bins];
        bins.Fill(Empty);
        foreach (var run in runs)
        {
            ref var bin = ref bins[(int)(run >> (64 - BinBits))];
            bin = Math.Min(bin, (uint)run & 0x7FFF_FFFF);
        }

        Densify(bins, Math.Max(sketch.Length * 64, bands.Length * rows));
        for (var word = 0; word < sketch.Length; word++)
        {
            sketch[word] = BitsOf(bins.Slice(word * 64, 64), (uint)word * 64);
        }

        for (var band = 0; band < bands.Length; band++)
        {
            var hash = salt + (ulong)band;
            for (var row = 0; row < rows; row++)
            {
                hash = ((hash ^ bins[(band * rows) + row]) * 0x9E37_79B9_7F4A_7C15) + (uint)row + 1;
                hash ^= hash >> 31;
            }

            bands[band] = (uint)(hash >> 32);
        }
    }

    /// <summary>The Jaccard similarity, 0 to 1, that two sketches tell.</summary>
    public static double Similarity(ReadOnlySpan<ulong> one, ReadOnlySpan<ulong> other)
    {
        var differing = 0;
        for (var word = 0; word < one.Length; word++)
        {
            differing += BitOperations.PopCount(one[word] ^ other[word]);
        }

        return Math.Max(1 - (2.0 * differing / (one.Length * 64)), 0);
    }

    // Each empty bin asks other bins, the same ones in every text, until one is not empty. Of the first so many, which are all that is
    // looked at. In rounds, each of which keeps the bins that found nothing: whether a bin is empty is a coin that no processor
    // foresees, and one bin's questions need not wait for another's.
    private static void Densify(Span<uint> bins, int count)
    {
        Span<uint> own = stackalloc uint[Bins];
        bins.CopyTo(own);
        Span<(int Bin, uint Asked)> open = stackalloc (int, uint)[Bins];
        var left = 0;
        for (var bin = 0; bin < count; bin++)
        {
            open[left] = (bin, (uint)bin * 0x9E37_79B1u);
            left += own[bin] == Empty ? 1 : 0;
        }

        while (left > 0)
        {
            var kept = 0;
            foreach (var (bin, asked) in open[..left])
            {
                var next = (asked * 0x915F_77F5u) + 0x6F4F_2A35u;
                var found = own[(int)(next >> (32 - BinBits))];
                bins[bin] = found;
                open[kept] = (bin, next);
                kept += found == Empty ? 1 : 0;
            }

            left = kept;
        }
    }

    // A bit of each number that depends on the bin too: bins that took the same number of another tell as much as if they had their
    // own.
    private static ulong BitsOf(ReadOnlySpan<uint> bins, uint first)
    {
        var bits = 0ul;
        for (var bin = 0; bin < 64; bin++)
        {
            var mixed = (bins[bin] ^ ((first + (uint)bin) * 0x85EB_CA6Bu)) * 0x9E37_79B1u;
            mixed = (mixed ^ (mixed >> 15)) * 0x2C1B_3C6Du;
            bits |= (ulong)(mixed >> 31) << bin;
        }

        return bits;
    }
}
