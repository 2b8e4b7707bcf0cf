using System.Numerics;

namespace Orca.Model.Inference.Cpu;

/// <summary>Memory for the inputs of a product, <see cref="PackedView"/>, as large as the largest step needs it.</summary>
internal sealed unsafe class PackedRows : IDisposable
{
    private readonly NativeBuffer values;
    private readonly NativeBuffer starts;
    private readonly NativeBuffer scales;
    private PackedView view;

    /// <param name="maxRows">Rows of the largest step.</param>
    /// <param name="maxInputs">Inputs of the widest product.</param>
    public PackedRows(int maxRows, int maxInputs)
    {
        var count = Rounded(maxRows, PackedView.MaxTileRows) * (long)Rounded(maxInputs, PanelFormats.Group);
        values = new NativeBuffer(count * sizeof(float));
        starts = new NativeBuffer(count / PanelFormats.Group * sizeof(int));
        scales = new NativeBuffer(count / PanelFormats.Group * sizeof(float));
    }

    /// <summary>What is packed, or being packed.</summary>
    public PackedView View => view;

    /// <summary>Tiles of what is packed.</summary>
    public int Tiles => view.Tiles;

    /// <summary>Begins to pack so many rows for a kind of weights.</summary>
    public void Begin(int rows, int inputs, PanelFormat format)
    {
        // Up to eight rows are one tile; beyond, twelve make the most of each weight loaded.
        var tileRows = format.IsInteger() || rows <= 8 ? 8 : PackedView.MaxTileRows;
        var tiles = (rows + tileRows - 1) / tileRows;
        view = new PackedView
        {
            Rows = rows,
            Inputs = format.Padded(inputs),
            TileRows = tileRows,
            Tiles = tiles,
            LastHeight = Math.Min(tileRows, (int)BitOperations.RoundUpToPowerOf2((uint)(rows - ((tiles - 1) * tileRows)))),
            IsInteger = format.IsInteger(),
            Offset = format == PanelFormat.Int8 ? Int8Panel.Offset : Int4Panel.Offset,
            Values = values.Floats,
            Starts = (int*)starts.Data,
            Scales = scales.Floats,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        values.Dispose();
        starts.Dispose();
        scales.Dispose();
    }

    private static int Rounded(int value, int unit) => (value + unit - 1) / unit * unit;
}
