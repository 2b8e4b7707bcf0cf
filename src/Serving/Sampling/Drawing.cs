using Orca.Serving.Requests;

namespace Orca.Serving.Sampling;

// V vocabulary

/// <summary>Draws one of the tokens that temperature, top-k, top-p and min-p leave. Keeps its buffers: one serves one thread.</summary>
internal sealed class Drawing(Ranking ranking)
{
    private float[] sums = [];

    /// <summary>Draws a token. The logits are spoilt by it.</summary>
    /// <param name="logits_V">One for each token that may be drawn; at least one above minus infinity, none NaN.</param>
    /// <param name="max">The greatest of them.</param>
    /// <param name="sampling">How to draw; the temperature is above 0.</param>
    /// <param name="uniform">Chance: 0 to below 1.</param>
    public int Draw(Span<float> logits_V, float max, SamplingOptions sampling, double uniform)
    {
        if (sampling.TopK > 0 && sampling.TopK < logits_V.Length)
        {
            var kept = ranking.Greatest(logits_V, sampling.TopK);
            var total = WeighKept(kept, logits_V, max, sampling.Temperature);
            return DrawKept(Cut(kept, logits_V, total, sampling), logits_V, uniform);
        }

        if (sums.Length * RowMath.Block < logits_V.Length)
        {
            sums = new float[(logits_V.Length + RowMath.Block - 1) / RowMath.Block];
        }

        var all = RowMath.Weigh(logits_V, max, sampling.Temperature, sums);
        return sampling.TopP < 1 || sampling.MinP > 0
            ? DrawKept(Cut(ranking.Above(logits_V, Bar(sampling, all / logits_V.Length)), logits_V, all, sampling), logits_V, uniform)
            : DrawAny(logits_V, uniform * all);
    }

    /// <summary>
    /// What neither top-p nor min-p can keep lies at or below it: all tokens below (1 - p) / V of the whole sum to less than 1 - p.
    /// </summary>
    private static float Bar(SamplingOptions sampling, double mean) =>
        MathF.Max(0, MathF.BitDecrement(MathF.Max(sampling.MinP, (float)((1 - sampling.TopP) * mean))));

    /// <summary>The fewest of the likeliest that reach top-p of the total, and of those the ones that min-p leaves.</summary>
    private static ReadOnlySpan<ulong> Cut(Span<ulong> kept, ReadOnlySpan<float> weights_V, double total, SamplingOptions sampling)
    {
        if (sampling.TopP < 1)
        {
            kept = kept[..Ranking.Nucleus(kept, weights_V, sampling.TopP * total)];
        }

        if (sampling.MinP == 0)
        {
            return kept;
        }

        var count = 0;
        foreach (var key in kept)
        {
            if (weights_V[Ranking.IdOf(key)] >= sampling.MinP)
            {
                kept[count++] = key;
            }
        }

        return kept[..count];
    }

    private static double WeighKept(ReadOnlySpan<ulong> kept, Span<float> logits_V, float max, float temperature)
    {
        var total = 0.0;
        foreach (var key in kept)
        {
            ref var weight = ref logits_V[Ranking.IdOf(key)];
            weight = MathF.Exp((weight - max) * MathF.Min(1 / temperature, float.MaxValue));
            total += weight;
        }

        return total;
    }

    private static int DrawKept(ReadOnlySpan<ulong> kept, ReadOnlySpan<float> weights_V, double uniform)
    {
        var total = 0.0;
        foreach (var key in kept)
        {
            total += weights_V[Ranking.IdOf(key)];
        }

        var (left, last) = (uniform * total, -1);
        foreach (var key in kept)
        {
            var id = Ranking.IdOf(key);
            left -= weights_V[id];
            last = weights_V[id] > 0 ? id : last;
            if (left < 0)
            {
                return id;
            }
        }

        // Rounding left nothing over: the last one that can be drawn at all.
        return last;
    }

    private int DrawAny(ReadOnlySpan<float> weights_V, double left)
    {
        var last = -1;
        for (var start = 0; start < weights_V.Length; start += RowMath.Block)
        {
            var sum = sums[start / RowMath.Block];
            if (sum == 0)
            {
                continue;
            }

            // The sum was taken in another order than here, so a block may be left a rounding error short: it gives its last.
            var isHere = left < sum;
            for (var id = start; id < weights_V.Length && id < start + RowMath.Block; id++)
            {
                last = weights_V[id] > 0 ? id : last;
                if (isHere && (left -= weights_V[id]) < 0)
                {
                    return id;
                }
            }

            if (isHere)
            {
                return last;
            }

            left -= sum;
        }

        return last;
    }
}
