using System.Collections.Immutable;
using Orca.Streams.Tasks.Files;

namespace Orca.Streams.Tasks.Indexing;

/// <summary>Where every question of a source lies. Any thread.</summary>
internal sealed class SourceIndex
{
    private readonly PlainFile rows;
    private readonly PlainFile order;
    private readonly ImmutableArray<PlainFile> texts;

    /// <summary>An index of files.</summary>
    /// <param name="about">What it says besides.</param>
    /// <param name="texts">The text of each file.</param>
    /// <param name="rows">A row for each record, <see cref="IndexRow.Bytes"/> each.</param>
    /// <param name="order">Numbers of rows, four bytes each, of tasks whose questions are not in a row.</param>
    public SourceIndex(IndexHeader about, ImmutableArray<PlainFile> texts, PlainFile rows, PlainFile order) =>
        (About, this.texts, this.rows, this.order) = (about, texts, rows, order);

    /// <summary>What it says besides where the questions lie.</summary>
    public IndexHeader About { get; }

    /// <summary>The bytes of the rows.</summary>
    public PlainFile Rows => rows;

    /// <summary>The bytes of the order.</summary>
    public PlainFile Order => order;

    /// <summary>Where question <paramref name="number"/> of a task lies, from 0.</summary>
    /// <exception cref="IOException">The index cannot be read.</exception>
    public IndexRow RowOf(IndexedTask task, long number)
    {
        Span<byte> bytes = stackalloc byte[IndexRow.Bytes];
        var row = task.First + number;
        if (!task.IsInARow)
        {
            Require(order.Read(bytes[..4], row * 4), 4);
            row = BitConverter.ToUInt32(bytes);
        }

        Require(rows.Read(bytes, row * IndexRow.Bytes), IndexRow.Bytes);
        return IndexRow.Read(bytes);
    }

    /// <summary>The bytes of a question.</summary>
    /// <exception cref="IOException">The file cannot be read, or has changed.</exception>
    public byte[] Read(IndexRow row)
    {
        var bytes = new byte[row.Length];
        Require(texts[row.File].Read(bytes, row.Offset), row.Length);
        return bytes;
    }

    private static void Require(int read, int wanted)
    {
        if (read < wanted)
        {
            throw new EndOfStreamException("The file ends before the question does.");
        }
    }
}
