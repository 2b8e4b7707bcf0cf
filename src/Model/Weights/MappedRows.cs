namespace Orca.Model.Weights;

/// <summary>Rows that lie one after another in memory: those of a file that is mapped, or was copied.</summary>
/// <param name="file">The file; borrowed.</param>
/// <param name="first">Where the first row begins, in the file or in a copy of a part.</param>
/// <param name="encoding">How they are written.</param>
/// <param name="rows">Number of rows.</param>
/// <param name="columns">Values of a row.</param>
internal sealed unsafe class MappedRows(MappedFile file, byte* first, WeightEncoding encoding, int rows, int columns) : IWeightRows
{
    private readonly int rowBytes = checked((int)encoding.BytesOf(columns));

    public WeightEncoding Encoding => encoding;

    public int Rows => rows;

    public int Columns => columns;

    /// <summary>
    /// Dimension of the heads whose rows the file holds in rotary neighbours (0, D/2, 1, D/2 + 1, …), as GGUF does for queries
    /// and keys; 0 where they lie in order.
    /// </summary>
    public int PairedHeadDim { get; init; }

    public ReadOnlySpan<byte> Row(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)rows, nameof(index));

        // Once the file is disposed there is nothing where it was.
        _ = file.At(0);
        return new ReadOnlySpan<byte>(first + ((long)PlaceOf(index) * rowBytes), rowBytes);
    }

    private int PlaceOf(int index) => PairedHeadDim == 0 ? index : RotaryPairs.InNeighbours(index, PairedHeadDim);
}
