using Orca.Model.Inference.Cpu.Kernels;
using Orca.Model.Inference.Cpu.Machine;

namespace Orca.Model.Inference.Cpu.Panels;

/// <summary>Memory for the inputs of a product, <see cref="PackedView"/>, as large as the largest step needs it.</summary>
internal sealed unsafe class PackedRows : IDisposable
{
    private readonly NativeBuffer words;
    private PackedView view;

    /// <param name="maxRows">Rows of the largest step.</param>
    /// <param name="maxInputs">Inputs of the widest product.</param>
    public PackedRows(int maxRows, int maxInputs) =>
        words = new NativeBuffer((long)maxRows * PanelFormat.Int8.Padded(maxInputs) * sizeof(float));

    /// <summary>What is packed, or being packed.</summary>
    public PackedView View => view;

    /// <summary>Begins to pack so many rows for a kind of weights.</summary>
    public void Begin(int rows, int inputs, in TileKernel kernel)
    {
        var format = kernel.Panels;
        var units = kernel.Inputs.Padded(format.Units(inputs));

        // As few tiles as there can be, of about the same height.
        var tiles = (rows + kernel.MaxRows - 1) / kernel.MaxRows;
        view = new PackedView
        {
            Words = (uint*)words.Data,
            Rows = rows,
            Tiles = tiles,
            TileRows = (rows + tiles - 1) / tiles,
            Units = units,
            Inputs = units * format.UnitInputs(),
            Form = kernel.Inputs,
            Offset = format == PanelFormat.Int8 ? Int8Panel.Offset : Int4Panel.Offset,
        };
    }

    /// <inheritdoc/>
    public void Dispose() => words.Dispose();
}
