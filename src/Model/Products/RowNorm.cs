using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Orca.Model.Inference.Cpu;
using Orca.Model.Inference.Cpu.Machine;

namespace Orca.Model.Products;

// N rows of E values.

/// <summary>
/// The backward pass of a norm by the root mean square: slopes in the rows, and each part's sum of slopes in the weight; a part is a fixed
/// number of rows, so the sums are the same for any number of threads.
/// </summary>
internal unsafe struct RowNorm : IParallelWork
{
    /// <summary>Rows of a part.</summary>
    public const int RowsOfPart = 64;

    public float* Rows;
    public float* Weight;
    public int Count;
    public int Width;
    public float Epsilon;

    /// <summary>[N, E], the normed rows; not where there are <see cref="Slopes"/>.</summary>
    public float* Outputs;

    /// <summary>[N, E]: the loss's slopes in the normed rows; null: the forward pass.</summary>
    public float* Slopes;

    /// <summary>[N, E].</summary>
    public float* RowSlopes;

    /// <summary>[parts, E], zeros at first.</summary>
    public float* WeightSlopes;

    public readonly int Parts => (Count + RowsOfPart - 1) / RowsOfPart;

    /// <inheritdoc/>
    public readonly void Do(int part, int worker)
    {
        for (var row = part * RowsOfPart; row < Math.Min(Count, (part + 1) * RowsOfPart); row++)
        {
            var at = (long)row * Width;
            if (Slopes == null)
            {
                VectorMath.Norm(Rows + at, Weight, Width, Epsilon, Outputs + at);
            }
            else
            {
                Backward(Rows + at, Slopes + at, RowSlopes + at, WeightSlopes + ((long)part * Width));
            }
        }
    }

    // y = x·r·w with r = 1/√(mean(x²) + ε): dx = r·(dy·w - x·r²·mean(dy·w·x)), dw = Σ dy·x·r.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Backward(float* x, float* slope, float* to, float* ofWeight)
    {
        var (squares, products) = (Vector512<float>.Zero, Vector512<float>.Zero);
        for (var i = 0; i < Width; i += Vector512<float>.Count)
        {
            var count = Math.Min(Vector512<float>.Count, Width - i);
            var value = PartVector.Load(x + i, count);
            squares += value * value;
            products += PartVector.Load(slope + i, count) * PartVector.Load(Weight + i, count) * value;
        }

        var scale = 1 / MathF.Sqrt((Vector512.Sum(squares) / Width) + Epsilon);
        var drawn = Vector512.Create(scale * scale * Vector512.Sum(products) / Width);
        for (var i = 0; i < Width; i += Vector512<float>.Count)
        {
            var count = Math.Min(Vector512<float>.Count, Width - i);
            var (value, own) = (PartVector.Load(x + i, count), PartVector.Load(slope + i, count));
            PartVector.Store(((own * PartVector.Load(Weight + i, count)) - (value * drawn)) * scale, to + i, count);
            PartVector.Store(PartVector.Load(ofWeight + i, count) + (own * value * scale), ofWeight + i, count);
        }
    }
}
