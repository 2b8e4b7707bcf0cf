using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Orca.Model.Inference.Cpu;
using Orca.Model.Inference.Cpu.Machine;

namespace Orca.Model.Products;

// N rows of logits over V tokens.

/// <summary>
/// Weighted cross-entropies of rows of logits, and their slopes in the logits' own place; a part is some rows.
/// </summary>
internal unsafe struct CrossEntropy : IParallelWork
{
    private const int RowsOfPart = 4;

    /// <summary>[N, V]; afterwards the slopes.</summary>
    public float* Logits;

    /// <summary>[N]: the target of each.</summary>
    public long* Tokens;

    /// <summary>[N].</summary>
    public float* Weights;

    /// <summary>What the weights are divided by.</summary>
    public double TotalWeight;

    public int Rows;
    public int Vocabulary;

    /// <summary>[N]: weighted cross-entropies.</summary>
    public double* Losses;

    /// <summary>[N]: cross-entropies as they are.</summary>
    public double* TokenLosses;

    public readonly int Parts => (Rows + RowsOfPart - 1) / RowsOfPart;

    /// <inheritdoc/>
    public readonly void Do(int part, int worker)
    {
        for (var row = part * RowsOfPart; row < Math.Min(Rows, (part + 1) * RowsOfPart); row++)
        {
            var weight = Weights[row] / TotalWeight;
            TokenLosses[row] = Row(Logits + ((long)row * Vocabulary), Tokens[row], weight);
            Losses[row] = weight * TokenLosses[row];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly double Row(float* logits, long token, double weight)
    {
        var bound = Largest(logits);
        var target = logits[token];
        var sum = 0.0;
        for (var i = 0; i < Vocabulary; i += Vector512<float>.Count)
        {
            var count = Math.Min(Vector512<float>.Count, Vocabulary - i);
            var powers = VectorMath.Exp(PartVector.Load(logits + i, count) - Vector512.Create(bound));
            PartVector.Store(powers, logits + i, count);
            sum += Sum(powers, count);
        }

        var share = Vector512.Create((float)(weight / sum));
        for (var i = 0; i < Vocabulary; i += Vector512<float>.Count)
        {
            var count = Math.Min(Vector512<float>.Count, Vocabulary - i);
            PartVector.Store(PartVector.Load(logits + i, count) * share, logits + i, count);
        }

        logits[token] -= (float)weight;
        return Math.Log(sum) + bound - target;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly float Largest(float* logits)
    {
        var most = Vector512.Create(float.NegativeInfinity);
        var end = Vocabulary / Vector512<float>.Count * Vector512<float>.Count;
        for (var i = 0; i < end; i += Vector512<float>.Count)
        {
            most = Vector512.Max(most, Vector512.Load(logits + i));
        }

        var largest = float.NegativeInfinity;
        for (var i = 0; i < Vector512<float>.Count; i++)
        {
            largest = MathF.Max(largest, most.GetElement(i));
        }

        for (var i = end; i < Vocabulary; i++)
        {
            largest = MathF.Max(largest, logits[i]);
        }

        return largest;
    }

    private static float Sum(Vector512<float> powers, int count)
    {
        if (count == Vector512<float>.Count)
        {
            return Vector512.Sum(powers);
        }

        var sum = 0f;
        for (var i = 0; i < count; i++)
        {
            sum += powers.GetElement(i);
        }

        return sum;
    }
}
