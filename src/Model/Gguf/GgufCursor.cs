using System.Buffers.Binary;
using System.Text;
using Orca.Model.Weights;

namespace Orca.Model.Gguf;

/// <summary>Reads a GGUF header from front to back. Nothing is read, and nothing allocated, that the file does not hold.</summary>
internal sealed class GgufCursor(MappedFile file, string source)
{
    private const int ChunkBytes = 1 << 20;

    private long filled;

    /// <summary>Where the next byte lies.</summary>
    public long Position { get; private set; }

    /// <summary>Bytes from here to the end of the file.</summary>
    public long Left => file.Length - Position;

    public uint UInt32(string what) => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint), what));

    public ulong UInt64(string what) => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong), what));

    /// <summary>A count of things of which each takes at least so many bytes of the file.</summary>
    public int Count(string what, int leastBytes)
    {
        var count = UInt64(what);
        return count <= (ulong)(Left / leastBytes) && count <= int.MaxValue
            ? (int)count
            : throw Fault($"claims {count} of {what}, but has {Left} bytes left for them: it may be truncated, so download or copy all of it");
    }

    /// <summary>A length and as many bytes of UTF-8.</summary>
    public string Text(string what, int mostBytes)
    {
        var length = UInt64($"the length of {what}");
        return length <= (ulong)mostBytes
            ? Encoding.UTF8.GetString(Take((long)length, what))
            : throw Fault($"has {what} of {length} bytes; it may have {mostBytes}");
    }

    /// <summary>Passes over bytes, which are in memory from then on.</summary>
    public void Skip(long count, string what)
    {
        if (count > Left)
        {
            throw Fault($"ends within {what}: it may be truncated, so download or copy all of it");
        }

        Position += count;
        for (; filled < Position; filled = Math.Min(filled + ChunkBytes, file.Length))
        {
            file.Fill(filled, Math.Min(ChunkBytes, file.Length - filled));
        }
    }

    /// <summary>A fault of the file.</summary>
    public ModelFormatException Fault(FormattableString fault) => new($"{source} {FormattableString.Invariant(fault)}.");

    private ReadOnlySpan<byte> Take(long count, string what)
    {
        var start = Position;
        Skip(count, what);
        return file.Slice(start, (int)count);
    }
}
