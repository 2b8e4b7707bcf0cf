namespace Orca.Model.Weights;

/// <summary>
/// A matrix of weights [O, I] as a file holds it, row by row, in Hugging Face's order of rows whatever the file's; a vector
/// is a single row. Read-only, borrowed from the file; safe to read from several threads until the file is disposed.
/// </summary>
public interface IWeightRows
{
    /// <summary>How each row is written.</summary>
    WeightEncoding Encoding { get; }

    /// <summary>O: outputs; 1 for a vector.</summary>
    int Rows { get; }

    /// <summary>I: inputs, a whole number of the encoding's blocks.</summary>
    int Columns { get; }

    /// <summary>The bytes of a row, over the mapped file. Their address need not be aligned.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    /// <exception cref="ObjectDisposedException">The file is disposed.</exception>
    ReadOnlySpan<byte> Row(int index);

    /// <summary>The values of a row.</summary>
    /// <param name="row">Index of the row.</param>
    /// <param name="to">At least <see cref="Columns"/> long; the rest of it stays as it is.</param>
    void ReadFloats(int row, Span<float> to) => RowValues.Decode(Encoding, Row(row), to[..Columns]);
}
