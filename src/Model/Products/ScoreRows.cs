using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Orca.Model.Inference.Cpu;

namespace Orca.Model.Products;

/// <summary>Rows of attention's scores: their softmax, and slopes back through it.</summary>
internal static unsafe class ScoreRows
{
    /// <summary>Puts the softmax of the scaled scores that a query sees in their place, and zeros in the place of the others.</summary>
    /// <param name="scores">The row.</param>
    /// <param name="from">The first that is seen.</param>
    /// <param name="end">Behind the last; above <paramref name="from"/>.</param>
    /// <param name="count">Scores of the row.</param>
    /// <param name="scale">Above 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Softmax(float* scores, int from, int end, int count, float scale)
    {
        new Span<float>(scores, from).Clear();
        new Span<float>(scores + end, count - end).Clear();
        var seen = scores + from;
        var seenCount = end - from;
        var (most, scales) = (Vector512.Create(Largest(seen, seenCount)), Vector512.Create(scale));
        var sums = Vector512<float>.Zero;
        var i = 0;
        for (; i <= seenCount - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            var powers = VectorMath.Exp((Vector512.Load(seen + i) - most) * scales);
            powers.Store(seen + i);
            sums += powers;
        }

        var sum = Vector512.Sum(sums);
        if (i < seenCount)
        {
            var powers = VectorMath.Exp((PartVector.Load(seen + i, seenCount - i) - most) * scales);
            PartVector.Store(powers, seen + i, seenCount - i);
            for (var rest = i; rest < seenCount; rest++)
            {
                sum += seen[rest];
            }
        }

        var share = Vector512.Create(1 / sum);
        for (i = 0; i < seenCount; i += Vector512<float>.Count)
        {
            var width = Math.Min(Vector512<float>.Count, seenCount - i);
            PartVector.Store(PartVector.Load(seen + i, width) * share, seen + i, width);
        }
    }

    /// <summary>
    /// Slopes in shares turned into slopes in the scores: p · (s - Σ p·s) · scale.
    /// </summary>
    /// <param name="shares">p: the row that <see cref="Softmax"/> gave.</param>
    /// <param name="slopes">s; afterwards the slopes in the scores.</param>
    /// <param name="count">Scores of the row.</param>
    /// <param name="scale">As it was given.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SlopesOfScores(float* shares, float* slopes, int count, float scale)
    {
        var products = Vector512<float>.Zero;
        for (var i = 0; i < count; i += Vector512<float>.Count)
        {
            var width = Math.Min(Vector512<float>.Count, count - i);
            products += PartVector.Load(shares + i, width) * PartVector.Load(slopes + i, width);
        }

        var (mean, scales) = (Vector512.Create(Vector512.Sum(products)), Vector512.Create(scale));
        for (var i = 0; i < count; i += Vector512<float>.Count)
        {
            var width = Math.Min(Vector512<float>.Count, count - i);
            var share = PartVector.Load(shares + i, width);
            PartVector.Store(share * (PartVector.Load(slopes + i, width) - mean) * scales, slopes + i, width);
        }
    }

    private static float Largest(float* values, int count)
    {
        var (largest, i) = (values[0], 0);
        if (count >= Vector512<float>.Count)
        {
            var most = Vector512.Load(values);
            for (i = Vector512<float>.Count; i <= count - Vector512<float>.Count; i += Vector512<float>.Count)
            {
                most = Vector512.Max(most, Vector512.Load(values + i));
            }

            for (var lane = 0; lane < Vector512<float>.Count; lane++)
            {
                largest = MathF.Max(largest, most.GetElement(lane));
            }
        }

        for (; i < count; i++)
        {
            largest = MathF.Max(largest, values[i]);
        }

        return largest;
    }
}
