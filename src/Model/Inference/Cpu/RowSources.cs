using System.Runtime.Intrinsics;
using Orca.Model.Inference.Cpu.Machine;
using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Inference.Cpu;

/// <summary>Where the inputs of a product come from.</summary>
internal unsafe interface IRowSource
{
    /// <summary>Computes one row of inputs.</summary>
    /// <param name="row">Index of the row.</param>
    /// <param name="to">Its values; memory for a whole vector more.</param>
    void Write(int row, float* to);
}

/// <summary>A hidden state over the root of its mean square, times the norm's weight.</summary>
internal unsafe struct NormedRows : IRowSource
{
    public float* Hidden;
    public long Stride;
    public float* Weight;
    public int Size;
    public float Epsilon;

    /// <summary>Which hidden state each row is; null: the one of its own index.</summary>
    public int* Index;

    public readonly void Write(int row, float* to) =>
        VectorMath.Norm(Hidden + ((Index == null ? row : Index[row]) * Stride), Weight, Size, Epsilon, to);
}

/// <summary>Values as they are.</summary>
internal unsafe struct PlainRows : IRowSource
{
    public float* Values;
    public long Stride;
    public int Size;

    public readonly void Write(int row, float* to) =>
        new ReadOnlySpan<float>(Values + (row * Stride), Size).CopyTo(new Span<float>(to, Size));
}

/// <summary>silu(gate) · up, with all gates before all ups, after their biases were added to them.</summary>
internal unsafe struct GatedRows : IRowSource
{
    public float* GatesAndUps;
    public long Stride;
    public int Size;

    /// <summary>Of gates, then of ups; null: none.</summary>
    public float* Bias;

    public readonly void Write(int row, float* to)
    {
        float* gates = GatesAndUps + (row * Stride), ups = gates + Size;
        if (Bias != null)
        {
            VectorMath.Add(gates, Bias, 2 * Size);
        }

        var i = 0;
        for (; i <= Size - 16; i += 16)
        {
            var gate = Vector512.Load(gates + i);
            Vector512.Store(gate / (Vector512<float>.One + VectorMath.Exp(-gate)) * Vector512.Load(ups + i), to + i);
        }

        for (; i < Size; i++)
        {
            to[i] = gates[i] / (1 + MathF.Exp(-gates[i])) * ups[i];
        }
    }
}

/// <summary>Computes and packs the inputs of a product; a part is some rows.</summary>
internal unsafe struct PackWork<TSource> : IParallelWork
    where TSource : unmanaged, IRowSource
{
    public TSource Source;
    public PackedView Rows;
    public float* Scratch;
    public long ScratchStride;

    public readonly void Do(int part, int worker)
    {
        var scratch = Scratch + (worker * ScratchStride * StepBuffers.PartRows);
        var first = part * Rows.RowsOfPart;
        var count = Math.Min(Rows.RowsOfPart, Rows.Rows - first);
        for (var row = 0; row < count; row++)
        {
            var to = scratch + (row * ScratchStride);

            // What lies between the inputs and their padding may be left from a wider product.
            var tail = Math.Min(Rows.Inputs, PanelFormats.Group);
            new Span<float>(to + Rows.Inputs - tail, tail).Clear();
            Source.Write(first + row, to);
        }

        Rows.Pack(part, scratch, ScratchStride);
    }
}
