using System.Runtime.Intrinsics;

using Orca.Model.Inference.Cpu.Machine;

namespace Orca.Model.Inference.Cpu;

/// <summary>
/// Adds the biases of queries, keys and values, norms queries and keys where the model does, turns them by their positions, and puts keys and values into their
/// blocks; a part is some tokens.
/// </summary>
internal unsafe struct RotateAndStore : IParallelWork
{
    public const int TokensOfPart = 4;

    public CacheLayout Cache;
    public StepTokens Tokens;
    public float* Projected;
    public long Stride;
    public float* Rotary;

    /// <summary>Of queries, keys and values, one after another; null: none.</summary>
    public float* Bias;

    /// <summary>[D]: norm of each head's query; null: none.</summary>
    public float* QueryNorm;

    /// <summary>[D]: norm of each head's key; null: none.</summary>
    public float* KeyNorm;

    public float Epsilon;
    public int Layer;
    public int Heads;

    public readonly void Do(int part, int worker)
    {
        var end = Math.Min((part + 1) * TokensOfPart, Tokens.Count);
        for (var token = part * TokensOfPart; token < end; token++)
        {
            Do(token);
        }
    }

    private readonly void Do(int token)
    {
        int dim = Cache.HeadDim, position = Tokens.Positions[token];
        var block = Tokens.Blocks[Tokens.FirstBlocks[Tokens.Rows[token]] + (position / CpuKeyValueStore.Tokens)];
        float* queries = Projected + (token * Stride), keys = queries + (Heads * dim), values = keys + (Cache.KvHeads * dim);
        if (Bias != null)
        {
            VectorMath.Add(queries, Bias, (Heads + (2 * Cache.KvHeads)) * dim);
        }

        for (var head = 0; head < Heads + Cache.KvHeads; head++)
        {
            var norm = head < Heads ? QueryNorm : KeyNorm;
            if (norm != null)
            {
                VectorMath.Norm(queries + (head * dim), norm, dim, Epsilon, queries + (head * dim));
            }

            Turn(queries + (head * dim), Rotary + ((long)position * dim), dim / 2);
        }

        for (var head = 0; head < Cache.KvHeads; head++)
        {
            Cache.Write(
                Cache.Head(Layer, block, head),
                position % CpuKeyValueStore.Tokens,
                new ReadOnlySpan<float>(keys + (head * dim), dim),
                new ReadOnlySpan<float>(values + (head * dim), dim));
        }
    }

    private static void Turn(float* head, float* rotary, int pairs)
    {
        float* partner = head + pairs, sines = rotary + pairs;
        var pair = 0;
        for (; pair <= pairs - 8; pair += 8)
        {
            var (early, late) = (Vector256.Load(head + pair), Vector256.Load(partner + pair));
            var (cosine, sine) = (Vector256.Load(rotary + pair), Vector256.Load(sines + pair));
            Vector256.Store((early * cosine) - (late * sine), head + pair);
            Vector256.Store((late * cosine) + (early * sine), partner + pair);
        }

        for (; pair < pairs; pair++)
        {
            var (first, second) = (head[pair], partner[pair]);
            head[pair] = (first * rotary[pair]) - (second * sines[pair]);
            partner[pair] = (second * rotary[pair]) + (first * sines[pair]);
        }
    }
}

/// <summary>The tokens of a step and where their sequences lie.</summary>
internal unsafe struct StepTokens
{
    /// <summary>Tokens in all.</summary>
    public int Count;

    /// <summary>Position of each token in its sequence.</summary>
    public int* Positions;

    /// <summary>Row of each token.</summary>
    public int* Rows;

    /// <summary>Number of rows.</summary>
    public int RowCount;

    /// <summary>First token of each row, and the number of tokens after the last.</summary>
    public int* FirstTokens;

    /// <summary>Where each row's blocks begin in <see cref="Blocks"/>.</summary>
    public int* FirstBlocks;

    /// <summary>Blocks of all rows.</summary>
    public int* Blocks;
}
