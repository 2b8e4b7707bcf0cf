using Orca.Model.Inference.Cpu.Machine;
using Orca.Model.Weights;

namespace Orca.Model.Inference.Cpu;

/// <summary>The embedding as its file encodes it, copied row by row: a token's row is decoded when it is looked up.</summary>
internal sealed unsafe class EmbeddingRows : IDisposable
{
    private readonly NativeBuffer rows;
    private readonly WeightEncoding encoding;
    private readonly int columns;
    private readonly int rowBytes;

    public EmbeddingRows(IWeightRows source)
    {
        (encoding, columns) = (source.Encoding, source.Columns);
        rowBytes = checked((int)encoding.BytesOf(columns));
        rows = new NativeBuffer((long)rowBytes * source.Rows);
        for (var row = 0; row < source.Rows; row++)
        {
            source.Row(row).CopyTo(new Span<byte>(rows.Data + ((long)row * rowBytes), rowBytes));
        }
    }

    /// <summary>Bytes of all rows.</summary>
    public long Bytes => rows.Bytes;

    /// <summary>Writes a token's embedding.</summary>
    public void Read(int token, float* to) => RowValues.Decode(
        encoding, new ReadOnlySpan<byte>(rows.Data + ((long)token * rowBytes), rowBytes), new Span<float>(to, columns));

    /// <inheritdoc/>
    public void Dispose() => rows.Dispose();
}
