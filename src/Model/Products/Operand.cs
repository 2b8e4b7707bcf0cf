using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Products;

// A product is [R, K] times [K, C]: R rows, C columns, K the inner length that is summed over.

/// <summary>
/// One side of a product, as it lies in memory: fp32, borrowed. Either the <see cref="Inner"/> values of a row or column lie next to one
/// another, or the values of all rows or columns for one inner index do.
/// </summary>
/// <param name="data">The first value.</param>
/// <param name="count">R or C.</param>
/// <param name="inner">K.</param>
/// <param name="isInnermost">Whether the summed index is the one that lies innermost.</param>
/// <param name="stride">Values from one row of memory to the next; 0: they are contiguous.</param>
internal readonly unsafe struct Operand(float* data, int count, int inner, bool isInnermost, long stride = 0)
{
    /// <summary>R or C.</summary>
    public int Count => count;

    /// <summary>K.</summary>
    public int Inner => inner;

    /// <summary>Whether the summed index is the one that lies innermost.</summary>
    public bool IsInnermost => isInnermost;

    /// <summary>From one row of memory to the next.</summary>
    public long Stride => stride > 0 ? stride : isInnermost ? inner : count;

    /// <summary>Where a value lies.</summary>
    public float* At(int index, int innerIndex) =>
        isInnermost ? data + ((long)index * Stride) + innerIndex : data + ((long)innerIndex * Stride) + index;
}

/// <summary>Columns of a product: where their panels lie, and what they are multiplied into.</summary>
internal unsafe struct ProductColumns
{
    /// <summary>The panels, as <see cref="PanelPacking"/> makes them.</summary>
    public byte* Panels;

    /// <summary>Bytes of one.</summary>
    public long PanelBytes;

    /// <summary>C.</summary>
    public int Columns;

    /// <summary>[R, C].</summary>
    public float* Outputs;

    /// <summary>Values from one row of the outputs to the next; 0: C.</summary>
    public long Stride;

    /// <summary>Whether the product is added to what the outputs hold.</summary>
    public bool Adds;

    /// <summary>[C], what the sums of every row begin with; null: with 0. Not where it <see cref="Adds"/>.</summary>
    public float* Bias;

    /// <summary>Panels, the last of which may be partly empty.</summary>
    public readonly int PanelCount => (Columns + PanelFormats.PanelOutputs - 1) / PanelFormats.PanelOutputs;
}
