namespace Orca.Streams.Tasks.Files;

/// <summary>The bytes of a text in UTF-8, however it is stored; read at any place, by several threads.</summary>
internal abstract class PlainFile : IDisposable
{
    /// <summary>Its length in bytes.</summary>
    public abstract long Length { get; }

    /// <summary>Reads from <paramref name="offset"/>; returns how many bytes, fewer than asked for at the end alone.</summary>
    /// <exception cref="IOException">It cannot be read, or is not what it was when it was opened first.</exception>
    public abstract int Read(Span<byte> into, long offset);

    /// <summary>Closes what it reads from.</summary>
    public virtual void Dispose()
    {
    }
}

/// <summary>A text in memory.</summary>
internal sealed class TextInMemory(ReadOnlyMemory<byte> bytes) : PlainFile
{
    /// <inheritdoc/>
    public override long Length => bytes.Length;

    /// <inheritdoc/>
    public override int Read(Span<byte> into, long offset)
    {
        var rest = bytes.Span[(int)Math.Min(offset, bytes.Length)..];
        var read = Math.Min(rest.Length, into.Length);
        rest[..read].CopyTo(into);
        return read;
    }
}

/// <summary>A text that a file holds as it is.</summary>
/// <param name="open">Opens it.</param>
/// <param name="path">Where it is.</param>
/// <param name="stamp">What it is; once that has changed, nothing of it is read.</param>
internal sealed class TextOnDisk(OpenFiles open, string path, FileStamp stamp) : PlainFile
{
    /// <inheritdoc/>
    public override long Length => stamp.Length;

    /// <inheritdoc/>
    public override int Read(Span<byte> into, long offset) => open.Read(path, stamp, into, offset);
}
