using System.Runtime.Intrinsics;

namespace Orca.Model.Inference.Cpu.Panels;

/// <summary>
/// The inputs of a product, laid out for the tiles of its kernels: <c>[tiles, units, words of a unit, rows of the tile]</c>, or
/// with sixteen units of a row together, <c>[tiles, units / 16, rows of the tile, 16]</c>.
/// </summary>
internal unsafe struct PackedView
{
    private const int FewRows = 4;

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

    /// <summary>Rows that are packed by one thread: a tile's, where they are woven into one another.</summary>
    public readonly int RowsOfPart => Form.UnitsTogether() == 1 ? TileRows : Math.Min(TileRows, FewRows);

    /// <summary>Parts that can be packed side by side.</summary>
    public readonly int Parts => (Rows + RowsOfPart - 1) / RowsOfPart;

    /// <summary>Packs the rows of one part.</summary>
    /// <param name="part">Its index.</param>
    /// <param name="from">The rows' values; zeros up to the padded number of inputs follow each. They are overwritten.</param>
    /// <param name="stride">Values from one row to the next.</param>
    public readonly void Pack(int part, float* from, long stride)
    {
        var first = part * RowsOfPart;
        var rows = Math.Min(RowsOfPart, Rows - first);
        for (var row = 0; row < rows; row++)
        {
            InputEncoder.Encode(Form, from + (row * stride), Inputs, Offset);
        }

        if (Form.UnitsTogether() == 1)
        {
            Transposition.Transpose((uint*)from, stride, rows, Units * Form.UnitWords(), (uint*)Place(part, 0));
            return;
        }

        for (var row = 0; row < rows; row++)
        {
            Spread(first + row, (uint*)(from + (row * stride)));
        }
    }

    /// <summary>Copies a row, sixteen words at a time, to where its tile has them.</summary>
    private readonly void Spread(int row, uint* from)
    {
        var (tile, place) = Math.DivRem(row, TileRows);
        var to = (uint*)Place(tile, 0) + (place * Vector512<uint>.Count);
        var stride = RowsOf(tile) * Vector512<uint>.Count;
        for (var unit = 0; unit < Units; unit += Vector512<uint>.Count, from += Vector512<uint>.Count, to += stride)
        {
            Vector512.Load(from).Store(to);
        }
    }
}
