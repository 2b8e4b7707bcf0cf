using System.Runtime.InteropServices;

namespace Orca.Model.Inference.Cpu.Kernels;

// A panel holds the weights of 32 outputs, so that two vector registers take one weight of each. Along its inputs it is a
// sequence of units of one size, read from end to end. Rows of inputs lie beside it unit by unit too. Every kernel adds the
// products of an output up in the order of the inputs, one after the other, so its result does not depend on how many rows
// are computed with it.

/// <summary>
/// One block of a product: some rows of inputs times one panel, for a run of units. Generated kernels read it as it lies.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Tile
{
    /// <summary>The panel's first unit.</summary>
    public byte* Weights;

    /// <summary>The rows' first unit: [units, words of a unit, rows].</summary>
    public byte* Rows;

    /// <summary>Units.</summary>
    public long Units;

    /// <summary>Where the 32 sums of the first row lie.</summary>
    public float* Outputs;

    /// <summary>Bytes from one row of sums to the next.</summary>
    public long OutputBytes;

    /// <summary>
    /// 1: the sums begin here, and what lies there is not read; 0: they are added to it. Of kernels that
    /// <see cref="TileKernel.CanBegin"/>.
    /// </summary>
    public long Begins;

    /// <summary>Where to begin to ask for what will be needed later; any address will do.</summary>
    public byte* Ahead;
}
