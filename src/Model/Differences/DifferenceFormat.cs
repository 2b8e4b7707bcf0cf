using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Orca.Model.Differences;

/// <summary>
/// The file of a difference, version 1: eight letters and the version; then for every part of every file that is not copied, in the order
/// of the manifest, its chunks; then the manifest in JSON; and last the manifest's SHA-256, its length and the eight letters once more. A
/// chunk is as much of a part as makes <see cref="ChunkBytes"/> of the restored file, or what is left of it: four bytes with its packed
/// length, then as <see cref="ChunkCoder"/> packs it. All numbers are little-endian.
/// </summary>
internal static class DifferenceFormat
{
    /// <summary>How much of a restored file makes a chunk: a whole number of values of every type.</summary>
    public const int ChunkBytes = 4 << 20;

    /// <summary>Bytes before the first chunk.</summary>
    public const int HeadBytes = 12;

    private const int Version = 1;
    private const int TailBytes = 48;
    private const long MostManifestBytes = 1 << 28;

    private static ReadOnlySpan<byte> Letters => "ORCADIFF"u8;

    /// <summary>Writes what stands before the chunks.</summary>
    public static void WriteHead(Stream file)
    {
        file.Write(Letters);
        Write(file, (uint)Version);
    }

    /// <summary>Writes what stands behind the chunks.</summary>
    public static void WriteTail(Stream file, DifferenceManifest manifest)
    {
        var json = manifest.ToJson();
        var length = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        file.Write(json);
        file.Write(SHA256.HashData(json));
        file.Write(length);
        file.Write(Letters);
    }

    /// <summary>Writes a chunk.</summary>
    public static void WriteChunk(Stream file, byte[] packed)
    {
        Write(file, (uint)packed.Length);
        file.Write(packed);
    }

    /// <summary>Reads the manifest, and leaves the file at its first chunk.</summary>
    /// <param name="file">The file.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="ModelFormatException">It is no difference, one of another version, cut or damaged.</exception>
    public static DifferenceManifest Open(FileStream file, string source)
    {
        var head = new byte[FileKind.HeadBytes];
        var read = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (read < HeadBytes || !head.AsSpan().StartsWith(Letters))
        {
            throw new ModelFormatException(
                $"{source} {FileKind.Of(head.AsSpan(0, read)) ?? "is no difference between models, as 'orca diff make' writes them"}.");
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(Letters.Length)) is var version && version != Version)
        {
            throw new ModelFormatException(
                $"{source} is a difference of version {version}; this Orca reads version {Version}: take a newer one.");
        }

        var tail = new byte[TailBytes];
        if (file.Length < HeadBytes + TailBytes || !ReadAt(file, file.Length - TailBytes, tail) || !tail.AsSpan().EndsWith(Letters))
        {
            throw new ModelFormatException($"{source} has no end; it was cut, get it again.");
        }

        var length = BinaryPrimitives.ReadInt64LittleEndian(tail.AsSpan(SHA256.HashSizeInBytes));
        var json = length >= 0 && length <= Math.Min(MostManifestBytes, file.Length - TailBytes - HeadBytes) ? new byte[length] : null;
        if (json is null || !ReadAt(file, file.Length - TailBytes - length, json)
            || !SHA256.HashData(json).AsSpan().SequenceEqual(tail.AsSpan(0, SHA256.HashSizeInBytes)))
        {
            throw Damaged(source);
        }

        file.Position = HeadBytes;
        return DifferenceManifest.Parse(json, source);
    }

    /// <summary>Reads the next chunk.</summary>
    /// <param name="file">The file.</param>
    /// <param name="bytes">What it restores.</param>
    /// <param name="source">What messages call the file.</param>
    /// <exception cref="ModelFormatException">There is none.</exception>
    public static byte[] ReadChunk(FileStream file, int bytes, string source)
    {
        var length = new byte[sizeof(uint)];
        if (file.ReadAtLeast(length, length.Length, throwOnEndOfStream: false) < length.Length
            || BinaryPrimitives.ReadUInt32LittleEndian(length) is var count && count > ZstdSharp.Compressor.GetCompressBound(bytes))
        {
            throw Damaged(source);
        }

        var packed = new byte[BinaryPrimitives.ReadUInt32LittleEndian(length)];
        return file.ReadAtLeast(packed, packed.Length, throwOnEndOfStream: false) == packed.Length ? packed : throw Damaged(source);
    }

    /// <summary>The fault of a file whose bytes are not those that were written.</summary>
    public static ModelFormatException Damaged(string source) => new($"{source} is damaged; get it again.");

    private static bool ReadAt(FileStream file, long position, Span<byte> to)
    {
        file.Position = position;
        return file.ReadAtLeast(to, to.Length, throwOnEndOfStream: false) == to.Length;
    }

    private static void Write(Stream file, uint number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        file.Write(bytes);
    }
}
