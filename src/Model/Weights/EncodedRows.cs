using System.Globalization;
using System.Numerics.Tensors;

namespace Orca.Model.Weights;

/// <summary>
/// A weight as it is to be written: row after row in an encoding. Rows that lie in that encoding already are copied as they are.
/// </summary>
internal sealed class EncodedRows
{
    private const int BatchBytes = 4 << 20;

    private readonly string name;
    private readonly WeightEncoding encoding;
    private readonly int rows;
    private readonly int columns;
    private readonly int rowBytes;
    private readonly ReadRow read;
    private readonly Action<int, Span<byte>>? copy;

    /// <param name="name">What messages call it.</param>
    /// <param name="encoding">How its rows are written.</param>
    /// <param name="rows">Number of rows; 1 for a vector.</param>
    /// <param name="columns">Values of a row, a whole number of the encoding's blocks.</param>
    /// <param name="read">Fills in the values of a row; called from several threads.</param>
    public EncodedRows(string name, WeightEncoding encoding, int rows, int columns, ReadRow read)
    {
        (this.name, this.encoding, this.rows, this.columns, this.read) = (name, encoding, rows, columns, read);
        rowBytes = checked((int)encoding.BytesOf(columns));
    }

    /// <param name="name">What messages call it.</param>
    /// <param name="encoding">How its rows are written.</param>
    /// <param name="weight">The weight; borrowed until it is written.</param>
    /// <param name="placeOf">Which of the weight's rows stands at a place.</param>
    public EncodedRows(string name, WeightEncoding encoding, IWeightRows weight, Func<int, int> placeOf)
        : this(name, encoding, weight.Rows, weight.Columns, (row, to) => weight.ReadFloats(placeOf(row), to)) =>
        copy = weight.Encoding == encoding ? (row, to) => weight.Row(placeOf(row)).CopyTo(to) : null;

    /// <summary>Fills in the values of a row.</summary>
    public delegate void ReadRow(int row, Span<float> to);

    /// <summary>How the rows are written.</summary>
    public WeightEncoding Encoding => encoding;

    /// <summary>Bytes of all rows.</summary>
    public long Bytes => (long)rows * rowBytes;

    /// <summary>Writes all rows, and forces them to the disk where they go to a file.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="work">Is told of what is written.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="ModelFormatException">A value is too large for the encoding, or is no number.</exception>
    public void WriteTo(Stream stream, WorkCounter work, CancellationToken cancellationToken)
    {
        var batch = new byte[Math.Min(rows, Math.Max(1, BatchBytes / rowBytes)) * rowBytes];
        for (var first = 0; first < rows; first += batch.Length / rowBytes)
        {
            var count = Math.Min(batch.Length / rowBytes, rows - first);
            Encode(first, count, batch, cancellationToken);
            stream.Write(batch, 0, count * rowBytes);
            work.Add((long)count * rowBytes);
        }

        // Weight by weight, so that the flush at the end, which nothing can interrupt, finds little left.
        if (stream is FileStream file)
        {
            file.Flush(flushToDisk: true);
        }
    }

    private void Encode(int first, int count, byte[] batch, CancellationToken cancellationToken)
    {
        var parts = Math.Min(count, Environment.ProcessorCount);
        try
        {
            Parallel.For(0, parts, new ParallelOptions { CancellationToken = cancellationToken }, part =>
            {
                var values = new float[columns];
                for (var row = (int)((long)count * part / parts); row < (long)count * (part + 1) / parts; row++)
                {
                    Encode(first + row, values, batch.AsSpan(row * rowBytes, rowBytes));
                }
            });
        }
        catch (AggregateException fault)
        {
            throw fault.InnerExceptions[0];
        }
    }

    private void Encode(int row, float[] values, Span<byte> to)
    {
        if (copy is not null)
        {
            copy(row, to);
            return;
        }

        read(row, values);
        var largest = MathF.Abs(TensorPrimitives.MaxMagnitude<float>(values));
        if (!(largest <= RowWriter.Largest(encoding)))
        {
            throw new ModelFormatException(string.Create(
                CultureInfo.InvariantCulture,
                $"The weight '{name}' holds {largest}, which {encoding} cannot hold; ")
                    + (float.IsFinite(largest)
                        ? "write it in bf16 or f32."
                        : "such a model gives no answers, take an earlier checkpoint."));
        }

        RowWriter.Encode(encoding, values, to);
    }
}
