using System.Collections.Frozen;
using System.Collections.Immutable;
using Orca.Model.Weights;

namespace Orca.Model.Gguf;

/// <summary>A model in GGUF: a file, or all the files of one that is split (<see cref="GgufSplit"/>). Owns them.</summary>
internal sealed unsafe class GgufFile : IDisposable
{
    private readonly ImmutableArray<GgufPart> parts;

    private GgufFile(ImmutableArray<GgufPart> parts)
    {
        this.parts = parts;
        var tensors = new Dictionary<string, GgufTensor>(StringComparer.Ordinal);
        for (var part = 0; part < parts.Length; part++)
        {
            foreach (var tensor in parts[part].Tensors)
            {
                if (!tensors.TryAdd(tensor.Name, tensor with { Part = part }))
                {
                    throw new ModelFormatException(
                        $"{parts[part].Source} has the tensor {Quoted(tensor.Name)}, and so has {parts[tensors[tensor.Name].Part].Source}; "
                        + "the parts are not of one model, download them all again.");
                }
            }
        }

        Tensors = tensors.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>What messages call the file: of several the first.</summary>
    public string Source => parts[0].Source;

    /// <summary>Its metadata: of several files those of the first.</summary>
    public GgufMetadata Metadata => parts[0].Metadata;

    /// <summary>Its tensors by name, their offsets counted from the beginning of their file.</summary>
    public FrozenDictionary<string, GgufTensor> Tensors { get; }

    /// <summary>Where each tensor's bytes lie.</summary>
    public IEnumerable<StoredWeight> Stored =>
        Tensors.Values.Select(tensor =>
            new StoredWeight(FileOf(tensor), tensor.Name, tensor.Encoding.ToString(), tensor.Offset, tensor.Bytes));

    /// <summary>Whether its bytes are mapped, not copied.</summary>
    public bool IsMapped => parts[0].File.IsMapped;

    /// <summary>The bytes of the header up to the end of the metadata.</summary>
    public ReadOnlySpan<byte> MetadataBytes => parts[0].MetadataBytes;

    /// <summary>Threads that a tensor is copied by.</summary>
    public int Threads
    {
        set
        {
            foreach (var part in parts)
            {
                part.File.Threads = value;
            }
        }
    }

    /// <summary>Opens a model and checks its headers.</summary>
    /// <param name="path">The file; of a model that is split any of its files.</param>
    /// <param name="access">How its bytes come into memory.</param>
    /// <exception cref="ModelFormatException">
    /// A file is missing, malformed or holds what is not supported; the message says where.
    /// </exception>
    public static GgufFile Open(string path, WeightAccess access = WeightAccess.Mapped)
    {
        var parts = GgufSplit.OpenAll(path, access);
        try
        {
            return new GgufFile(parts);
        }
        catch
        {
            DisposeAll(parts);
            throw;
        }
    }

    /// <summary>A vector or matrix, row by row.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>.</param>
    /// <param name="pairedHeadDim">Dimension of heads whose rows lie in rotary neighbours; 0: all rows lie in order.</param>
    /// <exception cref="ModelFormatException">It is no vector or matrix, or too large for one.</exception>
    public IWeightRows Rows(GgufTensor tensor, int pairedHeadDim)
    {
        var (rows, columns) = tensor.Shape switch
        {
            [var length] => (1, length),
            [var outputs, var inputs] => (outputs, inputs),
            _ => (long.MaxValue, 0),
        };
        return rows <= int.MaxValue && columns <= int.MaxValue / sizeof(float)
            ? new MappedRows(FileOf(tensor), DataOf(tensor), tensor.Encoding, (int)rows, (int)columns) { PairedHeadDim = pairedHeadDim }
            : throw new ModelFormatException($"{Source}: tensor {Quoted(tensor.Name)} of [{string.Join(", ", tensor.Shape)}] is no "
                + "vector or matrix.");
    }

    /// <summary>Address of a tensor's first byte.</summary>
    public byte* DataOf(GgufTensor tensor) => FileOf(tensor).Part(tensor.Offset, tensor.Bytes, tensor.Encoding.ToString());

    /// <summary>A tensor is not used any more: where it is copied, it is freed.</summary>
    public void Release(GgufTensor tensor) => FileOf(tensor).Release(tensor.Offset, tensor.Bytes);

    /// <summary>No more tensors are asked for soon: memory kept for the next one is given back.</summary>
    public void Trim()
    {
        foreach (var part in parts)
        {
            part.File.Trim();
        }
    }

    /// <summary>Unmaps or frees the memory, and closes the files.</summary>
    public void Dispose() => DisposeAll(parts);

    /// <summary>A name from a file, kept short and on one line for a message.</summary>
    internal static string Quoted(string name)
    {
        var shown = name.Length <= 120 ? name : name[..120] + "…";
        return "'" + string.Concat(shown.Select(letter => char.IsControl(letter) ? '?' : letter)) + "'";
    }

    private static void DisposeAll(IEnumerable<GgufPart> parts)
    {
        foreach (var part in parts)
        {
            part.Dispose();
        }
    }

    private MappedFile FileOf(GgufTensor tensor) => parts[tensor.Part].File;
}
