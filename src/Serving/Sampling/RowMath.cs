using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Orca.Serving.Sampling;

// V vocabulary

/// <summary>
/// Passes over one row of logits. Always 16 lanes and blocks of <see cref="Block"/>, counted from the row's own beginning:
/// what comes out does not depend on where the row lies in a batch, as a sum that aligns itself to memory would. Compiled
/// in full at once: before that a draw with logprobs over 32,000 logits took 13 ms instead of 0.07, and stalled the whole batch.
/// </summary>
internal static class RowMath
{
    /// <summary>Tokens whose weights are summed in fp32 before the sum goes on in fp64.</summary>
    public const int Block = 512;

    private static readonly int Lanes = Vector512<float>.Count;

    /// <summary>The greatest; NaN where one is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Max(ReadOnlySpan<float> row_V)
    {
        var (max, unordered) = (Vector512.Create(float.NegativeInfinity), Vector512<float>.Zero);
        var i = 0;
        for (; i <= row_V.Length - Lanes; i += Lanes)
        {
            var x = Vector512.Create(row_V[i..]);
            max = Vector512.MaxNative(max, x);
            unordered |= ~Vector512.Equals(x, x);
        }

        var greatest = float.NegativeInfinity;
        for (var lane = 0; lane < Lanes; lane++)
        {
            greatest = MathF.Max(greatest, max[lane]);
        }

        for (; i < row_V.Length; i++)
        {
            greatest = MathF.Max(greatest, row_V[i]);
        }

        return Vector512.EqualsAll(unordered.AsUInt32(), Vector512<uint>.Zero) ? greatest : float.NaN;
    }

    /// <summary>
    /// A logit that a request has changed, kept finite: no request can make an infinite one, whose differences are no numbers.
    /// </summary>
    public static float Bounded(float logit) => logit >= float.MinValue ? MathF.Min(logit, float.MaxValue) : float.MinValue;

    /// <summary>Where a value first is; it must be there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int IndexOf(ReadOnlySpan<float> row_V, float value)
    {
        var wanted = Vector512.Create(value);
        var i = 0;
        for (; i <= row_V.Length - Lanes; i += Lanes)
        {
            var equal = Vector512.Equals(Vector512.Create(row_V[i..]), wanted).ExtractMostSignificantBits();
            if (equal != 0)
            {
                return i + BitOperations.TrailingZeroCount(equal);
            }
        }

        while (row_V[i] != value)
        {
            i++;
        }

        return i;
    }

    /// <summary>Turns logits into probabilities up to a common factor, in place; the likeliest gets 1.</summary>
    /// <param name="row_V">The logits, then the weights.</param>
    /// <param name="max">The greatest logit.</param>
    /// <param name="temperature">Above 0.</param>
    /// <param name="sums">Filled with the sum of each <see cref="Block"/>.</param>
    /// <returns>The sum of all.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Weigh(Span<float> row_V, float max, float temperature, Span<float> sums)
    {
        // The reciprocal of a denormal temperature is infinite, and infinity times 0 is not a number.
        var (top, scale) = (Vector512.Create(max), Vector512.Create(MathF.Min(1 / temperature, float.MaxValue)));
        var total = 0.0;
        for (var start = 0; start < row_V.Length; start += Block)
        {
            var block = row_V.Slice(start, Math.Min(Block, row_V.Length - start));
            var sum = Vector512<float>.Zero;
            var i = 0;
            for (; i <= block.Length - Lanes; i += Lanes)
            {
                var weight = Vector512.Exp((Vector512.Create<float>(block[i..]) - top) * scale);
                weight.CopyTo(block[i..]);
                sum += weight;
            }

            var whole = Vector512.Sum(sum);
            for (; i < block.Length; i++)
            {
                block[i] = Vector512.Exp((Vector512.Create(block[i]) - top) * scale).ToScalar();
                whole += block[i];
            }

            sums[start / Block] = whole;
            total += whole;
        }

        return total;
    }

    /// <summary>Logarithm of the sum of the exponentials: what a logit lies below by is its log probability.</summary>
    /// <param name="row_V">The logits.</param>
    /// <param name="max">The greatest of them.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double LogSum(ReadOnlySpan<float> row_V, float max)
    {
        var top = Vector512.Create(max);
        var total = 0.0;
        for (var start = 0; start < row_V.Length; start += Block)
        {
            var block = row_V.Slice(start, Math.Min(Block, row_V.Length - start));
            var sum = Vector512<float>.Zero;
            var i = 0;
            for (; i <= block.Length - Lanes; i += Lanes)
            {
                sum += Vector512.Exp(Vector512.Create(block[i..]) - top);
            }

            total += Vector512.Sum(sum);
            for (; i < block.Length; i++)
            {
                total += Math.Exp((double)block[i] - max);
            }
        }

        return max + Math.Log(total);
    }

    /// <summary>Bit i is set where value i of the next 16 is above the bar; fewer at the row's end.</summary>
    public static uint Above(ReadOnlySpan<float> row, float bar)
    {
        if (row.Length >= Lanes)
        {
            return (uint)Vector512.GreaterThan(Vector512.Create(row), Vector512.Create(bar)).ExtractMostSignificantBits();
        }

        var bits = 0u;
        for (var i = 0; i < row.Length; i++)
        {
            bits |= row[i] > bar ? 1u << i : 0;
        }

        return bits;
    }

    /// <summary>Position of the lowest set bit, which it clears.</summary>
    public static int TakeLowest(ref uint bits)
    {
        var lowest = BitOperations.TrailingZeroCount(bits);
        bits &= bits - 1;
        return lowest;
    }
}
