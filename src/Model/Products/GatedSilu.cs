using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Orca.Model.Inference.Cpu;
using Orca.Model.Inference.Cpu.Machine;

namespace Orca.Model.Products;

/// <summary>silu(gate) · up in one pass over memory, and its slopes in another; a part is some thousands of values.</summary>
internal unsafe struct GatedSilu : IParallelWork
{
    private const int ValuesOfPart = 16 << 10;

    public float* Gate;
    public float* Up;
    public long Count;

    /// <summary>The product; not where there is a <see cref="Slope"/>.</summary>
    public float* Output;

    /// <summary>The loss's slope in the product; null: the forward pass.</summary>
    public float* Slope;

    public float* GateSlope;
    public float* UpSlope;

    public readonly int Parts => (int)((Count + ValuesOfPart - 1) / ValuesOfPart);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Do(int part, int worker)
    {
        var end = Math.Min(Count, (part + 1L) * ValuesOfPart);
        for (var i = (long)part * ValuesOfPart; i < end; i += Vector512<float>.Count)
        {
            var count = (int)Math.Min(Vector512<float>.Count, end - i);
            var (gate, up) = (PartVector.Load(Gate + i, count), PartVector.Load(Up + i, count));
            var sigmoid = Vector512<float>.One / (Vector512<float>.One + VectorMath.Exp(-gate));
            if (Slope == null)
            {
                PartVector.Store(gate * sigmoid * up, Output + i, count);
                continue;
            }

            var slope = PartVector.Load(Slope + i, count);
            var ofSilu = sigmoid * (Vector512<float>.One + (gate * (Vector512<float>.One - sigmoid)));
            PartVector.Store(slope * up * ofSilu, GateSlope + i, count);
            PartVector.Store(slope * gate * sigmoid, UpSlope + i, count);
        }
    }
}
