using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Orca.Model.Tokenization;

/// <summary>
/// Byte-pair encoding: which two neighbouring symbols merge into which piece, and in what order.
/// A symbol is a token id, or the complement of a character that is no token itself.
/// </summary>
internal sealed class PairMerges
{
    private readonly Dictionary<long, Merge> merges = [];

    /// <summary>
    /// Lets two symbols merge. Of the merges a text allows, the lowest order goes first, and of equals the leftmost. Of two
    /// merges of the same symbols the later counts.
    /// </summary>
    public void Add(int left, int right, int merged, uint order) =>
        merges[KeyOf(left, right)] = new Merge(merged, order);

    /// <summary>The order of a merge with this score: higher scores go first.</summary>
    public static uint OrderOfScore(float score)
    {
        var bits = BitConverter.SingleToUInt32Bits(0f - score);
        return (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
    }

    /// <summary>Merges in place until nothing merges any more.</summary>
    /// <returns>How many symbols are left, at the front of <paramref name="symbols"/>.</returns>
    public int Apply(Span<int> symbols)
    {
        if (symbols.Length < 2)
        {
            return symbols.Length;
        }

        var links = ArrayPool<Link>.Shared.Rent(symbols.Length);
        try
        {
            return Apply(symbols, links.AsSpan(0, symbols.Length));
        }
        finally
        {
            ArrayPool<Link>.Shared.Return(links);
        }
    }

    private int Apply(Span<int> symbols, Span<Link> links)
    {
        var queue = new PriorityQueue<Candidate, ulong>(symbols.Length);
        for (var i = 0; i < symbols.Length; i++)
        {
            links[i] = new Link(i - 1, i + 1 < symbols.Length ? i + 1 : -1);
            Propose(queue, symbols, i, links[i].Next);
        }

        while (queue.TryDequeue(out var candidate, out _))
        {
            var (left, right, pair, merged) = candidate;
            if (links[left].Next != right || KeyOf(symbols[left], symbols[right]) != pair)
            {
                continue; // one of the two has merged with another since
            }

            symbols[left] = merged;
            var next = links[right].Next;
            links[left].Next = next;
            links[right].Next = Gone;
            if (next >= 0)
            {
                links[next].Previous = left;
                Propose(queue, symbols, left, next);
            }

            Propose(queue, symbols, links[left].Previous, left);
        }

        return Compact(symbols, links);
    }

    private void Propose(PriorityQueue<Candidate, ulong> queue, Span<int> symbols, int left, int right)
    {
        if (left >= 0 && right >= 0)
        {
            var pair = KeyOf(symbols[left], symbols[right]);
            ref var merge = ref CollectionsMarshal.GetValueRefOrNullRef(merges, pair);
            if (!Unsafe.IsNullRef(ref merge))
            {
                queue.Enqueue(new Candidate(left, right, pair, merge.Piece), ((ulong)merge.Order << 32) | (uint)left);
            }
        }
    }

    private static int Compact(Span<int> symbols, Span<Link> links)
    {
        var count = 0;
        for (var i = 0; i >= 0; i = links[i].Next)
        {
            symbols[count++] = symbols[i];
        }

        return count;
    }

    private static long KeyOf(int left, int right) => ((long)left << 32) | (uint)right;

    private const int Gone = -2;

    private record struct Link(int Previous, int Next);

    private readonly record struct Candidate(int Left, int Right, long Pair, int Merged);

    private readonly record struct Merge(int Piece, uint Order);
}
