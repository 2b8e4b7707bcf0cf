using System.Numerics;
using Orca.Model.Weights;

namespace Orca.Model.Gguf;

/// <summary>
/// One file of GGUF version 2 or 3, in memory: a model, or a part of one. The header is checked as a whole when the file is
/// opened: every length and count against the bytes there are, every tensor for lying within the file and over no other one. A
/// mapped file must not be changed or cut while it is open.
/// </summary>
internal sealed class GgufPart : IDisposable
{
    private const uint Magic = 0x4655_4747; // "GGUF"
    private const int NewestVersion = 3;
    private const int OldestVersion = 2;
    private const int LeastBytes = 4 + 4 + 8 + 8;
    private const int LeastMetadataBytes = 8 + 4 + 1;
    private const int DefaultAlignment = 32;
    private const int MostMetadataBytes = 1 << 30;
    private const string AlignmentKey = "general.alignment";

    private readonly int metadataBytes;

    private GgufPart(string path, WeightAccess access)
    {
        (Path, Source) = (path, $"'{path}'");
        File = MappedFile.Open(path, LeastBytes, "GGUF", access);
        try
        {
            var cursor = new GgufCursor(File, Source);
            CheckMagic(cursor);
            var tensorCount = cursor.Count("tensors", GgufTensor.LeastHeaderBytes);
            var metadataCount = cursor.Count("metadata values", LeastMetadataBytes);
            Metadata = GgufMetadata.Read(cursor, metadataCount, File, Source);
            metadataBytes = cursor.Position <= MostMetadataBytes
                ? (int)cursor.Position
                : throw cursor.Fault($"has {cursor.Position} bytes of metadata; it may have {MostMetadataBytes}");
            Tensors = ReadTensors(cursor, tensorCount);
        }
        catch
        {
            File.Dispose();
            throw;
        }
    }

    /// <summary>Its path.</summary>
    public string Path { get; }

    /// <summary>What messages call the file.</summary>
    public string Source { get; }

    /// <summary>Its bytes.</summary>
    public MappedFile File { get; }

    /// <summary>Its metadata.</summary>
    public GgufMetadata Metadata { get; }

    /// <summary>Its tensors, each name once, their offsets counted from the beginning of the file.</summary>
    public IReadOnlyCollection<GgufTensor> Tensors { get; }

    /// <summary>The bytes of the header up to the end of the metadata.</summary>
    public ReadOnlySpan<byte> MetadataBytes => File.Slice(0, metadataBytes);

    /// <summary>Opens a file and checks its header.</summary>
    /// <param name="path">The file.</param>
    /// <param name="access">How its bytes come into memory.</param>
    /// <exception cref="ModelFormatException">
    /// The file is missing, malformed or holds what is not supported; the message says where.
    /// </exception>
    public static GgufPart Open(string path, WeightAccess access) => new(path, access);

    /// <summary>Unmaps or frees the memory, and closes the file.</summary>
    public void Dispose() => File.Dispose();

    private void CheckMagic(GgufCursor cursor)
    {
        if (cursor.UInt32("the magic number") != Magic)
        {
            var head = File.Slice(0, (int)Math.Min(File.Length, FileKind.HeadBytes));
            throw cursor.Fault($"does not begin with 'GGUF'; it {FileKind.Of(head) ?? "is no GGUF file, so give the model's own"}");
        }

        var version = cursor.UInt32("the version");
        if (version is < OldestVersion or > NewestVersion)
        {
            throw version != 0 && version % (1 << 16) == 0
                ? cursor.Fault($"is written for big-endian machines, which is not supported; take the file for little-endian ones")
                : version > NewestVersion
                    ? cursor.Fault($"is of GGUF version {version}, newer than this program knows; supported are 2 and 3, so take a file of version 3")
                    : cursor.Fault($"is of GGUF version {version}; supported are 2 and 3, so convert the model again, or take a newer file of it");
        }
    }

    private List<GgufTensor> ReadTensors(GgufCursor cursor, int count)
    {
        var read = new Dictionary<string, GgufTensor>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var tensor = GgufTensor.Read(cursor);
            if (!read.TryAdd(tensor.Name, tensor))
            {
                throw cursor.Fault($"has the tensor {GgufFile.Quoted(tensor.Name)} twice");
            }
        }

        var alignment = Alignment();
        var padding = (alignment - (cursor.Position % alignment)) % alignment;
        // A file of metadata alone may end without the padding.
        var dataStart = read.Count == 0 ? cursor.Position : cursor.Position + padding;
        CheckPlaces(cursor, read.Values, alignment, File.Length - dataStart);
        return [.. read.Values.Select(tensor => tensor with { Offset = dataStart + tensor.Offset })];
    }

    private long Alignment()
    {
        var alignment = Metadata.Integer(AlignmentKey) ?? DefaultAlignment;
        return alignment is > 0 and <= 1 << 20 && BitOperations.IsPow2(alignment)
            ? alignment
            : throw Metadata.Fault(AlignmentKey, FormattableString.Invariant($"is {alignment}; it must be a power of two up to {1 << 20}"));
    }

    private static void CheckPlaces(GgufCursor cursor, IEnumerable<GgufTensor> tensors, long alignment, long dataBytes)
    {
        var taken = 0L;
        foreach (var tensor in tensors.OrderBy(tensor => tensor.Offset))
        {
            var quoted = GgufFile.Quoted(tensor.Name);
            if (tensor.Offset % alignment != 0)
            {
                throw cursor.Fault($"has the tensor {quoted} at byte {tensor.Offset} of the data, which is no multiple of the alignment, {alignment}");
            }

            if (tensor.Offset < taken)
            {
                throw cursor.Fault($"has the tensor {quoted} at byte {tensor.Offset} of the data, inside of another one, which ends at {taken}");
            }

            if (tensor.Offset > dataBytes || tensor.Bytes > dataBytes - tensor.Offset)
            {
                throw cursor.Fault(
                    $"has the tensor {quoted} with {tensor.Bytes} bytes from byte {tensor.Offset} of the data, which holds {Math.Max(0, dataBytes)}: it may be truncated, so download or copy all of it");
            }

            taken = tensor.Offset + tensor.Bytes;
        }
    }
}
