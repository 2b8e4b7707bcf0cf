namespace Orca.Streams.Tasks;

/// <summary>The numbers from 0 up to a count in random order, each at its place without the others: nothing is held.</summary>
/// <remarks>
/// A Feistel network of four rounds over the next even power of two; what falls outside is walked on until it is inside (Black and
/// Rogaway, "Ciphers with Arbitrary Finite Domains", 2002).
/// </remarks>
/// <param name="count">How many.</param>
/// <param name="seed">Another seed gives another order.</param>
/// <param name="number">So does another number.</param>
internal sealed class SeededOrder(long count, long seed, long number)
{
    private const int Rounds = 4;

    private readonly int halfBits = Math.Max(
        1, (64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)Math.Max(0, count - 1)) + 1) / 2);

    /// <summary>The number at a place.</summary>
    public long At(long place)
    {
        var at = (ulong)place;
        do
        {
            at = Permuted(at);
        }
        while (at >= (ulong)count);

        return (long)at;
    }

    private ulong Permuted(ulong value)
    {
        var mask = (1UL << halfBits) - 1;
        var (left, right) = (value >> halfBits, value & mask);
        for (var round = 0; round < Rounds; round++)
        {
            (left, right) = (right, left ^ (SeededRandom.Of(seed, number, round, (long)right).NextBits() & mask));
        }

        return (left << halfBits) | right;
    }
}
