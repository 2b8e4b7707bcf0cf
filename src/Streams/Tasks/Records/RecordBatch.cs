using System.Buffers;

namespace Orca.Streams.Tasks.Records;

/// <summary>Where a record lies in its batch.</summary>
/// <param name="Start">Its first byte.</param>
/// <param name="Length">Its length in bytes; 0 for one that is over <see cref="RecordBatch.MaxBytes"/>.</param>
/// <param name="Line">The line that it begins at, from 1.</param>
internal readonly record struct RecordSpan(int Start, int Length, long Line)
{
    /// <summary>Whether it is too long to be read.</summary>
    public bool IsTooLong => Length == 0;
}

/// <summary>Some records of a text, in order, with the bytes they are cut from. Of one reader.</summary>
/// <param name="buffer">The bytes, rented.</param>
/// <param name="offset">Where the first of them lies in the text.</param>
internal sealed class RecordBatch(byte[] buffer, long offset) : IDisposable
{
    /// <summary>Longest record that is read.</summary>
    public const int MaxBytes = 16 << 20;

    /// <summary>The bytes; a record may be written over.</summary>
    public byte[] Buffer => buffer;

    /// <summary>Where the first byte lies in the text.</summary>
    public long Offset => offset;

    /// <summary>The records.</summary>
    public List<RecordSpan> Records { get; } = [];

    /// <summary>What is no record, by its line, as one sentence.</summary>
    public List<(long Line, string Message)> Faults { get; } = [];

    /// <summary>Gives the bytes back.</summary>
    public void Dispose() => ArrayPool<byte>.Shared.Return(buffer);
}
