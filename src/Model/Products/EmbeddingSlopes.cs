using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Orca.Model.Inference.Cpu.Machine;

namespace Orca.Model.Products;

// N tokens, V rows of E values.

/// <summary>
/// Adds the slopes of looked-up rows to the embedding's gradient, where they belong; a part is some columns of all tokens, so that every
/// sum is made by one thread in the tokens' order.
/// </summary>
internal unsafe struct EmbeddingSlopes : IParallelWork
{
    private const int ColumnsOfPart = 256;

    /// <summary>[N].</summary>
    public long* Tokens;

    /// <summary>[N, E].</summary>
    public float* Slopes;

    /// <summary>[V, E].</summary>
    public float* Gradient;

    public int Count;
    public int Width;

    public readonly int Parts => (Width + ColumnsOfPart - 1) / ColumnsOfPart;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Do(int part, int worker)
    {
        var (first, end) = (part * ColumnsOfPart, Math.Min(Width, (part + 1) * ColumnsOfPart));
        for (var i = 0L; i < Count; i++)
        {
            var (from, to) = (i * Width, Tokens[i] * Width);
            for (var column = first; column < end; column += Vector512<float>.Count)
            {
                var count = Math.Min(Vector512<float>.Count, end - column);
                var sum = PartVector.Load(Gradient + to + column, count) + PartVector.Load(Slopes + from + column, count);
                PartVector.Store(sum, Gradient + to + column, count);
            }
        }
    }
}
