using System.Collections.Frozen;
using System.Numerics;
using Orca.Model.Weights;

namespace Orca.Model.Gguf;

/// <summary>
/// A GGUF file of version 2 or 3, in memory. The header is checked as a whole when the file is opened: every
/// length and count against the bytes there are, every tensor for lying within the file and over no other one. A mapped
/// file must not be changed or cut while it is open.
/// </summary>
internal sealed class GgufFile : IDisposable
{
    private const uint Magic = 0x4655_4747; // "GGUF"
    private const int LeastBytes = 4 + 4 + 8 + 8;
    private const int LeastMetadataBytes = 8 + 4 + 1;
    private const int DefaultAlignment = 32;
    private const int MostMetadataBytes = 1 << 30;
    private const string AlignmentKey = "general.alignment";

    private readonly MappedFile file;
    private readonly int metadataBytes;

    private GgufFile(string path, WeightAccess access)
    {
        Source = $"'{path}'";
        file = MappedFile.Open(path, LeastBytes, "GGUF", access);
        try
        {
            var cursor = new GgufCursor(file, Source);
            CheckMagic(cursor);
            var tensorCount = cursor.Count("tensors", GgufTensor.LeastHeaderBytes);
            var metadataCount = cursor.Count("metadata values", LeastMetadataBytes);
            Metadata = GgufMetadata.Read(cursor, metadataCount, file, Source);
            metadataBytes = cursor.Position <= MostMetadataBytes
                ? (int)cursor.Position
                : throw cursor.Fault($"has {cursor.Position} bytes of metadata; it may have {MostMetadataBytes}");
            Tensors = ReadTensors(cursor, tensorCount);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>What messages call the file.</summary>
    public string Source { get; }

    /// <summary>Its metadata.</summary>
    public GgufMetadata Metadata { get; }

    /// <summary>Its tensors by name, their offsets counted from the beginning of the file.</summary>
    public FrozenDictionary<string, GgufTensor> Tensors { get; }

    /// <summary>Where each tensor's bytes lie.</summary>
    public IEnumerable<StoredWeight> Stored =>
        Tensors.Values.Select(tensor => new StoredWeight(file, tensor.Name, tensor.Encoding.ToString(), tensor.Offset, tensor.Bytes));

    /// <summary>Whether its bytes are mapped, not copied.</summary>
    public bool IsMapped => file.IsMapped;

    /// <summary>Opens a file and checks its header.</summary>
    /// <param name="path">The file.</param>
    /// <param name="access">How its bytes come into memory.</param>
    /// <exception cref="ModelFormatException">The file is missing, malformed or holds what is not supported; the message says where.</exception>
    public static GgufFile Open(string path, WeightAccess access = WeightAccess.Mapped) => new(path, access);

    /// <summary>The bytes of the header up to the end of the metadata.</summary>
    public ReadOnlySpan<byte> MetadataBytes => file.Slice(0, metadataBytes);

    /// <summary>A vector or matrix, row by row.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>.</param>
    /// <param name="pairedHeadDim">Dimension of heads whose rows lie in rotary neighbours; 0: all rows lie in order.</param>
    /// <exception cref="ModelFormatException">It is no vector or matrix, or too large for one.</exception>
    public unsafe IWeightRows Rows(GgufTensor tensor, int pairedHeadDim)
    {
        var (rows, columns) = tensor.Shape switch
        {
            [var length] => (1, length),
            [var outputs, var inputs] => (outputs, inputs),
            _ => (long.MaxValue, 0),
        };
        return rows <= int.MaxValue && columns <= int.MaxValue / sizeof(float)
            ? new MappedRows(file, DataOf(tensor), tensor.Encoding, (int)rows, (int)columns) { PairedHeadDim = pairedHeadDim }
            : throw new ModelFormatException($"{Source}: tensor {Quoted(tensor.Name)} of [{string.Join(", ", tensor.Shape)}] is no vector or matrix.");
    }

    /// <summary>Address of a tensor's first byte.</summary>
    public unsafe byte* DataOf(GgufTensor tensor) => file.Part(tensor.Offset, tensor.Bytes, tensor.Encoding.ToString());

    /// <summary>A tensor is not used any more: where it is copied, it is freed.</summary>
    public void Release(GgufTensor tensor) => file.Release(tensor.Offset, tensor.Bytes);

    /// <summary>Threads that a tensor is copied by.</summary>
    public int Threads
    {
        set => file.Threads = value;
    }

    /// <summary>No more tensors are asked for soon: memory kept for the next one is given back.</summary>
    public void Trim() => file.Trim();

    /// <summary>Unmaps or frees the memory, and closes the file.</summary>
    public void Dispose() => file.Dispose();

    /// <summary>A name from a file, kept short and on one line for a message.</summary>
    internal static string Quoted(string name)
    {
        var shown = name.Length <= 120 ? name : name[..120] + "…";
        return "'" + string.Concat(shown.Select(letter => char.IsControl(letter) ? '?' : letter)) + "'";
    }

    private static void CheckMagic(GgufCursor cursor)
    {
        if (cursor.UInt32("the magic number") != Magic)
        {
            throw cursor.Fault($"does not begin with 'GGUF'; it is no GGUF file");
        }

        var version = cursor.UInt32("the version");
        if (version is not (2 or 3))
        {
            throw BitOperations.PopCount(version) > 0 && version % (1 << 16) == 0
                ? cursor.Fault($"is written for big-endian machines, which is not supported")
                : cursor.Fault($"is of GGUF version {version}; supported are 2 and 3, so convert the model again");
        }
    }

    private FrozenDictionary<string, GgufTensor> ReadTensors(GgufCursor cursor, int count)
    {
        var read = new Dictionary<string, GgufTensor>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var tensor = GgufTensor.Read(cursor);
            if (!read.TryAdd(tensor.Name, tensor))
            {
                throw cursor.Fault($"has the tensor {Quoted(tensor.Name)} twice");
            }
        }

        var alignment = Alignment();
        var padding = (alignment - (cursor.Position % alignment)) % alignment;
        // A file of metadata alone may end without the padding.
        var dataStart = read.Count == 0 ? cursor.Position : cursor.Position + padding;
        CheckPlaces(cursor, read.Values, alignment, file.Length - dataStart);
        return read.Values.Select(tensor => tensor with { Offset = dataStart + tensor.Offset }).ToFrozenDictionary(tensor => tensor.Name, StringComparer.Ordinal);
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
            var quoted = Quoted(tensor.Name);
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
                    $"has the tensor {quoted} with {tensor.Bytes} bytes from byte {tensor.Offset} of the data, which holds {Math.Max(0, dataBytes)}: it may be truncated");
            }

            taken = tensor.Offset + tensor.Bytes;
        }
    }
}
