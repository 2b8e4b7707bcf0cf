using System.Runtime.CompilerServices;

namespace Orca.Streams.Tasks;

/// <summary>A line of a file.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Offset">Byte at which it begins.</param>
/// <param name="Bytes">Without its line end; valid until the next line is asked for.</param>
/// <param name="TooLong">Whether it is over <see cref="TextLines.MaxBytes"/>; its bytes are left out then.</param>
internal readonly record struct TextLine(long Number, long Offset, Memory<byte> Bytes, bool TooLong);

/// <summary>Reads a file line by line as bytes, so that one line that is no UTF-8 spoils no other.</summary>
/// <remarks>Lines end in LF or CR LF; a byte order mark is left out. Memory is one line's, whatever the file's size.</remarks>
internal static class TextLines
{
    /// <summary>Longest line that is read.</summary>
    public const int MaxBytes = 16 << 20;

    private const int FirstBuffer = 128 << 10;

    /// <summary>The lines of a file; one that cannot be opened is reported and has none.</summary>
    public static async IAsyncEnumerable<TextLine> ReadAsync(
        string path, IProgress<SourceFault> faults, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var file = TaskFiles.Open(path, faults);
        if (file is null)
        {
            yield break;
        }

        var buffer = new byte[FirstBuffer];
        var (start, end, position) = (0, 0, 0L);
        var (number, overlong) = (1L, false);
        while (true)
        {
            var length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                yield return Line(number++, position, buffer.AsMemory(start, length), overlong);
                (start, position, overlong) = (start + length + 1, position + length + 1, false);
                continue;
            }

            if (end - start > MaxBytes)
            {
                overlong = true;
                position += end - start;
                start = end;
            }

            (start, end) = MakeRoom(ref buffer, start, end);
            var read = await RandomAccess.ReadAsync(file, buffer.AsMemory(end), position + (end - start), cancellationToken);
            if (read == 0)
            {
                break;
            }

            end += read;
        }

        if (end > start || overlong)
        {
            yield return Line(number, position, buffer.AsMemory(start, end - start), overlong);
        }
    }

    private static TextLine Line(long number, long position, Memory<byte> bytes, bool overlong)
    {
        if (overlong || bytes.Length > MaxBytes)
        {
            return new TextLine(number, position, default, TooLong: true);
        }

        if (number == 1 && ((ReadOnlySpan<byte>)bytes.Span).StartsWith("\uFEFF"u8))
        {
            bytes = bytes[3..];
            position += 3;
        }

        return new TextLine(number, position, ((ReadOnlySpan<byte>)bytes.Span).EndsWith("\r"u8) ? bytes[..^1] : bytes, TooLong: false);
    }

    private static (int Start, int End) MakeRoom(ref byte[] buffer, int start, int end)
    {
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
        }

        if (end == buffer.Length)
        {
            Array.Resize(ref buffer, buffer.Length * 2);
        }

        return (start, end);
    }
}
