using System.IO.Hashing;

namespace Orca.Streams.Tasks.Files;

/// <summary>A text that is read once from its beginning, and hashed on the way.</summary>
internal sealed class HashingFile(PlainFile text) : PlainFile
{
    private const int RestBytes = 1 << 20;
    private readonly XxHash128 hash = new();

    /// <inheritdoc/>
    public override long Length => text.Length;

    /// <summary>Bytes that have been read.</summary>
    public long Position { get; private set; }

    /// <inheritdoc/>
    public override int Read(Span<byte> into, long offset)
    {
        var read = text.Read(into, offset);

        // A look ahead is read again.
        if (offset + read > Position && offset <= Position)
        {
            hash.Append(into[(int)(Position - offset)..read]);
            Position = offset + read;
        }

        return read;
    }

    /// <summary>The hash of the whole text, what was not read included.</summary>
    public string Hash()
    {
        var rest = new byte[RestBytes];
        while (Position < Length && Read(rest, Position) > 0)
        {
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
