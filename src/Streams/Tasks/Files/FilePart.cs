namespace Orca.Streams.Tasks.Files;

/// <summary>A part of another text.</summary>
/// <param name="whole">The other.</param>
/// <param name="offset">Where it begins there.</param>
/// <param name="length">Its length in bytes.</param>
internal sealed class FilePart(PlainFile whole, long offset, long length) : PlainFile
{
    /// <inheritdoc/>
    public override long Length => length;

    /// <inheritdoc/>
    public override int Read(Span<byte> into, long at) =>
        whole.Read(into[..(int)Math.Clamp(length - at, 0, into.Length)], offset + at);
}
