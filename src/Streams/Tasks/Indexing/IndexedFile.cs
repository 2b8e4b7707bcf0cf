using Orca.Streams.Tasks.Files;
using Orca.Streams.Tasks.Records;

namespace Orca.Streams.Tasks.Indexing;

/// <summary>A file whose questions have been counted.</summary>
/// <param name="File">Path and task.</param>
/// <param name="Stamp">What it was then.</param>
/// <param name="Sample">A hash of some of its bytes.</param>
/// <param name="Hash">A hash of its text.</param>
/// <param name="Head">What it says of all its records; null where it says nothing.</param>
internal sealed record IndexedFile(SourceFile File, FileStamp Stamp, string Sample, string Hash, RecordHead? Head)
{
    /// <summary>Name of the spool in the index's folder that holds its text; null where the file does.</summary>
    public string? Spool { get; init; }
}

/// <summary>A task and its questions.</summary>
/// <param name="Collection">Its collection.</param>
/// <param name="Task">Its name.</param>
/// <param name="First">Number of its first question: among the rows, or where they are not in a row among the numbers in order.</param>
/// <param name="Count">Its questions.</param>
/// <param name="IsInARow">Whether its questions are rows that follow one another.</param>
internal sealed record IndexedTask(string Collection, string Task, long First, long Count, bool IsInARow);

/// <summary>Where a question lies.</summary>
/// <param name="File">Number of the file.</param>
/// <param name="Offset">Its first byte in the file's text.</param>
/// <param name="Length">Its length in bytes.</param>
internal readonly record struct IndexRow(int File, long Offset, int Length)
{
    /// <summary>Bytes of a row as it is kept.</summary>
    public const int Bytes = 12;

    private const int OffsetBits = 44;

    /// <summary>Files that a source may have.</summary>
    public const int MostFiles = 1 << (64 - OffsetBits);

    /// <summary>Writes it.</summary>
    public void Write(Span<byte> into)
    {
        BitConverter.TryWriteBytes(into, ((ulong)File << OffsetBits) | (ulong)Offset);
        BitConverter.TryWriteBytes(into[8..], Length);
    }

    /// <summary>Reads one.</summary>
    public static IndexRow Read(ReadOnlySpan<byte> from)
    {
        var place = BitConverter.ToUInt64(from);
        return new IndexRow(
            (int)(place >> OffsetBits), (long)(place & ((1UL << OffsetBits) - 1)), BitConverter.ToInt32(from[8..]));
    }
}
