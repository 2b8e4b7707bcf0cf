namespace Orca.Model.Inference.Cpu.Panels;

/// <summary>The inputs of a product, laid out for the tiles of its kernels: <c>[tiles, units, words of a unit, rows of the tile]</c>.</summary>
internal unsafe struct PackedView
{
    /// <summary>The first tile's first word.</summary>
    public uint* Words;

    /// <summary>Rows in all.</summary>
    public int Rows;

    /// <summary>Tiles.</summary>
    public int Tiles;

    /// <summary>Rows of every tile but the last, which has what is left.</summary>
    public int TileRows;

    /// <summary>Units of a row.</summary>
    public int Units;

    /// <summary>Inputs of a row, padded.</summary>
    public int Inputs;

    /// <summary>What a unit of a row is.</summary>
    public InputForm Form;

    /// <summary>What integer weights have been raised by.</summary>
    public int Offset;

    /// <summary>Rows of a tile.</summary>
    public readonly int RowsOf(int tile) => Math.Min(TileRows, Rows - (tile * TileRows));

    /// <summary>Where a unit of a tile begins.</summary>
    public readonly byte* Place(int tile, int unit) =>
        (byte*)(Words + ((((long)tile * TileRows * Units) + ((long)unit * RowsOf(tile))) * Form.UnitWords()));

    /// <summary>Packs the rows of one tile.</summary>
    /// <param name="tile">Its index.</param>
    /// <param name="from">The rows' values; zeros up to the padded number of inputs follow each. They are overwritten.</param>
    /// <param name="stride">Values from one row to the next.</param>
    public readonly void Pack(int tile, float* from, long stride)
    {
        var rows = RowsOf(tile);
        for (var row = 0; row < rows; row++)
        {
            InputEncoder.Encode(Form, from + (row * stride), Inputs, Offset);
        }

        Transposition.Transpose((uint*)from, stride, rows, Units * Form.UnitWords(), (uint*)Place(tile, 0));
    }
}
