namespace Orca.Model.Weights;

/// <summary>A vector that a file holds in rotary neighbours, such as the bias of queries in a GGUF file, put in halves.</summary>
internal sealed class PairedVector : IWeightRows
{
    private readonly byte[] bytes;

    /// <param name="inNeighbours">The vector as it is stored, each value by itself; read at once.</param>
    /// <param name="headDim">Values of a head.</param>
    /// <exception cref="ModelFormatException">Its values are encoded in blocks.</exception>
    public PairedVector(IWeightRows inNeighbours, int headDim)
    {
        (Encoding, Columns) = (inNeighbours.Encoding, inNeighbours.Columns);
        if (Encoding.BlockValues() > 1)
        {
            throw new ModelFormatException($"A bias is stored as {Encoding}; it must be F32, F16 or BF16.");
        }

        var size = Encoding.BlockBytes();
        var stored = inNeighbours.Row(0);
        bytes = new byte[stored.Length];
        for (var i = 0; i < Columns; i++)
        {
            stored.Slice(RotaryPairs.InNeighbours(i, headDim) * size, size).CopyTo(bytes.AsSpan(i * size));
        }
    }

    public WeightEncoding Encoding { get; }

    public int Rows => 1;

    public int Columns { get; }

    public ReadOnlySpan<byte> Row(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(index, 0);
        return bytes;
    }
}
