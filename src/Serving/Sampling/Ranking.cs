namespace Orca.Serving.Sampling;

// V vocabulary

/// <summary>
/// Finds the likeliest tokens without sorting the vocabulary. A candidate is one 64-bit key: its value above, its id's
/// complement below, so that keys compare as values do and, of equal values, the lower id is the greater key. Keeps its
/// buffer between uses: one serves one thread.
/// </summary>
internal sealed class Ranking
{
    /// <summary>Fewer candidates than this are sorted.</summary>
    private const int Few = 24;

    private const int Lanes = 16;

    private ulong[] keys = [];

    /// <summary>Id of a candidate.</summary>
    public static int IdOf(ulong key) => (int)~(uint)key;

    /// <summary>The k greatest of a row, in no order; fewer where fewer are above minus infinity. Valid until the next use.</summary>
    public Span<ulong> Greatest(ReadOnlySpan<float> row_V, int k)
    {
        // Room for as many again as are kept: each time it is full, half of it goes and the bar rises.
        var capacity = Math.Max((2 * k) + (8 * Lanes), 1_024);
        Grow(capacity + Lanes);
        var (count, bar) = (0, float.NegativeInfinity);
        for (var i = 0; i < row_V.Length; i += Lanes)
        {
            for (var above = RowMath.Above(row_V[i..], bar); above != 0;)
            {
                var id = i + RowMath.TakeLowest(ref above);
                keys[count++] = KeyOf(row_V[id], id);
            }

            if (count >= capacity)
            {
                Select(keys.AsSpan(0, count), k);
                count = k;
                bar = row_V[IdOf(Least(keys.AsSpan(0, k)))];
            }
        }

        var found = keys.AsSpan(0, count);
        if (count > k)
        {
            Select(found, k);
            found = found[..k];
        }

        return found;
    }

    /// <summary>All of a row that are above a bar, by id. Valid until the next use.</summary>
    public Span<ulong> Above(ReadOnlySpan<float> row_V, float bar)
    {
        Grow(row_V.Length);
        var count = 0;
        for (var i = 0; i < row_V.Length; i += Lanes)
        {
            for (var above = RowMath.Above(row_V[i..], bar); above != 0;)
            {
                var id = i + RowMath.TakeLowest(ref above);
                keys[count++] = KeyOf(row_V[id], id);
            }
        }

        return keys.AsSpan(0, count);
    }

    /// <summary>Brings the likeliest candidates whose weights first reach a sum to the front.</summary>
    /// <param name="candidates">All, or enough of them.</param>
    /// <param name="weights_V">Weight of each token of the vocabulary.</param>
    /// <param name="enough">The sum.</param>
    /// <returns>How many they are, one at least.</returns>
    public static int Nucleus(Span<ulong> candidates, ReadOnlySpan<float> weights_V, double enough)
    {
        var (from, to, sum) = (0, candidates.Length, 0.0);
        for (var rounds = Rounds(candidates.Length); to - from > Few && rounds > 0; rounds--)
        {
            var middle = from + Partition(candidates[from..to]);
            var likelier = sum;
            for (var i = from; i < middle; i++)
            {
                likelier += weights_V[IdOf(candidates[i])];
            }

            (from, to, sum) = likelier >= enough ? (from, middle, sum) : (middle, to, likelier);
        }

        Descending(candidates[from..to]);
        while (from < to && sum < enough)
        {
            sum += weights_V[IdOf(candidates[from++])];
        }

        return Math.Max(1, from);
    }

    /// <summary>Sorts candidates, greatest first.</summary>
    public static void Descending(Span<ulong> candidates)
    {
        candidates.Sort();
        candidates.Reverse();
    }

    /// <summary>Brings the k greatest to the front.</summary>
    private static void Select(Span<ulong> candidates, int k)
    {
        var (from, to) = (0, candidates.Length);
        for (var rounds = Rounds(candidates.Length); to - from > Few && rounds > 0; rounds--)
        {
            var middle = from + Partition(candidates[from..to]);
            if (middle == k)
            {
                return;
            }

            (from, to) = middle > k ? (from, middle) : (middle, to);
        }

        Descending(candidates[from..to]);
    }

    /// <summary>Brings some of the greatest to the front; how many is never none and never all. No two are equal.</summary>
    private static int Partition(Span<ulong> candidates)
    {
        var pivot = Median(candidates[0], candidates[candidates.Length / 2], candidates[^1]);
        var (left, right) = (-1, candidates.Length);
        while (true)
        {
            do
            {
                left++;
            }
            while (candidates[left] > pivot);

            do
            {
                right--;
            }
            while (candidates[right] < pivot);

            if (left >= right)
            {
                return Math.Max(1, left);
            }

            (candidates[left], candidates[right]) = (candidates[right], candidates[left]);
        }
    }

    private static ulong Median(ulong a, ulong b, ulong c) => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));

    // Halving would take log2(n) rounds; where the pivots are far worse, sorting bounds the time.
    private static int Rounds(int count) => 4 * (32 - int.LeadingZeroCount(count));

    private static ulong Least(ReadOnlySpan<ulong> candidates)
    {
        var least = ulong.MaxValue;
        foreach (var key in candidates)
        {
            least = Math.Min(least, key);
        }

        return least;
    }

    private static ulong KeyOf(float value, int id)
    {
        // Adding 0 turns -0 into 0. Then a number's bits compare as it does, once a negative one's are turned around.
        var bits = BitConverter.SingleToUInt32Bits(value + 0f);
        return ((ulong)((bits & 0x80000000) != 0 ? ~bits : bits | 0x80000000) << 32) | ~(uint)id;
    }

    private void Grow(int count)
    {
        if (keys.Length < count)
        {
            keys = new ulong[count];
        }
    }
}
