using System.Buffers;
using Orca.Streams.Tasks.Files;

namespace Orca.Streams.Tasks.Records;

/// <summary>Cuts a text into its lines, as bytes: one that is no UTF-8 spoils no other.</summary>
/// <remarks>
/// Lines end in LF or CR LF; a byte order mark and lines of nothing but blanks are left out. Memory is that of a few batches, or of the
/// longest line, whatever the text's size.
/// </remarks>
internal static class LineCutter
{
    private const int BatchBytes = 1 << 20;

    /// <summary>The lines in batches of about a mebibyte.</summary>
    public static IEnumerable<RecordBatch> Cut(PlainFile text)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BatchBytes);
        var (filled, offset, line, isWithin) = (0, 0L, 1L, false);
        while (true)
        {
            var read = text.Read(buffer.AsSpan(filled), offset + filled);
            var isEnd = read < buffer.Length - filled;
            filled += read;
            var end = isEnd ? filled : buffer.AsSpan(0, filled).LastIndexOf((byte)'\n') + 1;
            if (end > 0)
            {
                var batch = new RecordBatch(buffer, offset);
                var next = ArrayPool<byte>.Shared.Rent(Math.Max(BatchBytes, 2 * (filled - end)));
                buffer.AsSpan(end, filled - end).CopyTo(next);
                line = Cut(batch, end, line, ref isWithin);
                yield return batch;
                (buffer, filled, offset) = (next, filled - end, offset + end);
            }
            else if (filled > RecordBatch.MaxBytes)
            {
                // The rest of a line that is too long, up to the line's end.
                if (!isWithin)
                {
                    var batch = new RecordBatch(ArrayPool<byte>.Shared.Rent(1), offset);
                    batch.Records.Add(new RecordSpan(0, 0, line));
                    yield return batch;
                }

                (isWithin, offset, filled) = (true, offset + filled, 0);
            }
            else if (!isEnd)
            {
                var larger = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
                buffer.AsSpan(0, filled).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }

            if (isEnd)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                yield break;
            }
        }
    }

    // Returns the number of the line after them.
    private static long Cut(RecordBatch batch, int end, long line, ref bool isWithin)
    {
        ReadOnlySpan<byte> bytes = batch.Buffer.AsSpan(0, end);
        for (var start = 0; start < end; line++)
        {
            var length = bytes[start..].IndexOf((byte)'\n');
            var next = length < 0 ? end : start + length + 1;
            if (!isWithin)
            {
                Add(batch, bytes, start, length < 0 ? end : start + length, line);
            }

            isWithin = false;
            start = next;
        }

        return line;
    }

    private static void Add(RecordBatch batch, ReadOnlySpan<byte> bytes, int start, int end, long line)
    {
        if (batch.Offset + start == 0 && bytes[start..end].StartsWith("\uFEFF"u8))
        {
            start += 3;
        }

        if (end > start && bytes[end - 1] == '\r')
        {
            end--;
        }

        if (end - start > RecordBatch.MaxBytes)
        {
            batch.Records.Add(new RecordSpan(start, 0, line));
        }
        else if (bytes[start..end].IndexOfAnyExcept((byte)' ', (byte)'\t') >= 0)
        {
            batch.Records.Add(new RecordSpan(start, end - start, line));
        }
    }
}
