using System.Numerics.Tensors;
using Orca.Serving.Requests;
using Orca.Serving.Sampling;

namespace Orca.Serving.Execution;

// V vocabulary

/// <summary>Draws a token from logits. Keeps its buffers between draws: one sampler serves one thread.</summary>
internal sealed class Sampler
{
    private readonly PriorityQueue<int, (float Weight, int LowerIdFirst)> top = new();
    private float[] weights = [];
    private int[] candidates = [];

    /// <summary>The next token; null where the logits are not finite.</summary>
    /// <param name="logits_V">One for each token of the vocabulary.</param>
    /// <param name="sampling">How to draw.</param>
    /// <param name="seed">Seed of the request.</param>
    /// <param name="position">The token's place in the answer, from 0.</param>
    public int? Draw(ReadOnlySpan<float> logits_V, SamplingOptions sampling, ulong seed, int position)
    {
        // The index of the first NaN where there is one; of equals the lowest id.
        var likeliest = TensorPrimitives.IndexOfMax(logits_V);
        return !float.IsFinite(logits_V[likeliest]) ? null
            : sampling.Temperature == 0 ? likeliest
            : Draw(logits_V, logits_V[likeliest], sampling, PositionRandom.Uniform(seed, 0, position));
    }

    private int Draw(ReadOnlySpan<float> logits_V, float max, SamplingOptions sampling, double uniform)
    {
        var weights_V = Weigh(logits_V, max, sampling.Temperature);
        var kept = Keep(weights_V, sampling);
        var left = uniform * Sum(kept, weights_V);
        foreach (var id in kept)
        {
            left -= weights_V[id];
            if (left < 0)
            {
                return id;
            }
        }

        // Rounding left nothing over: the last one that can be drawn at all.
        return LastPossible(kept, weights_V);
    }

    private static double Sum(ReadOnlySpan<int> kept, ReadOnlySpan<float> weights_V)
    {
        var sum = 0.0;
        foreach (var id in kept)
        {
            sum += weights_V[id];
        }

        return sum;
    }

    private static int LastPossible(ReadOnlySpan<int> kept, ReadOnlySpan<float> weights_V)
    {
        var last = kept.Length - 1;
        while (last > 0 && weights_V[kept[last]] == 0)
        {
            last--;
        }

        return kept[last];
    }

    /// <summary>Probabilities up to a common factor; the likeliest has 1.</summary>
    private Span<float> Weigh(ReadOnlySpan<float> logits_V, float max, float temperature)
    {
        if (weights.Length < logits_V.Length)
        {
            (weights, candidates) = (new float[logits_V.Length], new int[logits_V.Length]);
        }

        var weights_V = weights.AsSpan(0, logits_V.Length);
        TensorPrimitives.Subtract(logits_V, max, weights_V);
        TensorPrimitives.Divide(weights_V, temperature, weights_V);
        TensorPrimitives.Exp(weights_V, weights_V);
        return weights_V;
    }

    private ReadOnlySpan<int> Keep(ReadOnlySpan<float> weights_V, SamplingOptions sampling)
    {
        if (sampling.TopK > 0 && sampling.TopK < weights_V.Length)
        {
            var kept = KeepTopK(weights_V, sampling.TopK);
            return sampling.TopP < 1 ? KeepTopP(kept, weights_V, sampling.TopP * Sum(kept, weights_V)) : kept;
        }

        var total = TensorPrimitives.Sum(weights_V);
        return sampling.TopP < 1
            ? KeepTopP(KeepAtLeast(weights_V, (1 - sampling.TopP) * total / weights_V.Length), weights_V, sampling.TopP * total)
            : KeepAll(weights_V.Length);
    }

    private Span<int> KeepAll(int vocabulary)
    {
        for (var id = 0; id < vocabulary; id++)
        {
            candidates[id] = id;
        }

        return candidates.AsSpan(0, vocabulary);
    }

    private Span<int> KeepTopK(ReadOnlySpan<float> weights_V, int k)
    {
        top.Clear();
        for (var id = 0; id < weights_V.Length; id++)
        {
            if (top.Count < k)
            {
                top.Enqueue(id, (weights_V[id], -id));
            }
            else if (top.TryPeek(out _, out var least) && weights_V[id] > least.Weight)
            {
                top.DequeueEnqueue(id, (weights_V[id], -id));
            }
        }

        for (var rank = k - 1; rank >= 0; rank--)
        {
            candidates[rank] = top.Dequeue();
        }

        return candidates.AsSpan(0, k);
    }

    /// <summary>
    /// Spares the sort those that cannot be among the likeliest p: all tokens below (1 - p) / V of the whole sum to less than 1 - p.
    /// </summary>
    private Span<int> KeepAtLeast(ReadOnlySpan<float> weights_V, double least)
    {
        var count = 0;
        for (var id = 0; id < weights_V.Length; id++)
        {
            if (weights_V[id] >= least)
            {
                candidates[count++] = id;
            }
        }

        return candidates.AsSpan(0, count);
    }

    /// <summary>The likeliest of those kept, as many as it takes to reach the sum.</summary>
    private Span<int> KeepTopP(Span<int> kept, ReadOnlySpan<float> weights_V, double enough)
    {
        var all = weights;
        kept.Sort((a, b) => all[a] != all[b] ? all[b].CompareTo(all[a]) : a.CompareTo(b));
        var count = 0;
        for (var sum = 0.0; count < kept.Length && sum < enough; count++)
        {
            sum += weights_V[kept[count]];
        }

        return kept[..Math.Max(1, count)];
    }
}
