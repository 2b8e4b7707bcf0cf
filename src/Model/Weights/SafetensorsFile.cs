using System.Buffers.Binary;
using System.Collections.Immutable;
using Orca.Model.Native;
using static TorchSharp.torch;

namespace Orca.Model.Weights;

/// <summary>
/// A safetensors file, in memory. The header is checked as a whole when the file is opened; tensors are made when asked for,
/// where it is mapped without a copy where the file aligns them. A mapped file must not be changed or cut while it is open.
/// </summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private const int LengthBytes = 8;

    private readonly string source;
    private readonly MappedFile file;
    private readonly long dataStart;
    private readonly Dictionary<string, TensorEntry> entries;
    private readonly Dictionary<string, Tensor> opened = new(StringComparer.Ordinal);

    private SafetensorsFile(string path, WeightAccess access)
    {
        source = $"'{path}'";
        file = MappedFile.Open(path, LengthBytes, "safetensors", access);
        try
        {
            file.Fill(0, LengthBytes);
            var headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(file.Slice(0, LengthBytes));
            if (headerBytes > SafetensorsHeader.MaxBytes || (long)headerBytes > file.Length - LengthBytes)
            {
                var head = file.Slice(0, (int)Math.Min(file.Length, FileKind.HeadBytes));
                file.Fill(0, head.Length);
                throw new ModelFormatException(head is not [_, _, _, _, _, _, _, _, (byte)'{', ..] && FileKind.Of(head) is { } kind
                    ? $"{source} {kind}."
                    : $"{source} claims a header of {headerBytes} bytes; the file has {file.Length}, and a header at most "
                        + $"{SafetensorsHeader.MaxBytes}.");
            }

            dataStart = LengthBytes + (long)headerBytes;
            file.Fill(0, dataStart);
            Entries = SafetensorsHeader.Parse(file.Slice(LengthBytes, (int)headerBytes), file.Length - dataStart, source);
            entries = Entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Names of all tensors, in the header's order.</summary>
    public IEnumerable<string> Names => Entries.Select(entry => entry.Name);

    internal ImmutableArray<TensorEntry> Entries { get; }

    /// <summary>Where each tensor's bytes lie.</summary>
    public IEnumerable<StoredWeight> Stored =>
        Entries.Select(entry => new StoredWeight(file, entry.Name, entry.Type.Name, dataStart + entry.Begin, entry.Bytes));

    /// <summary>Opens a file and checks its header.</summary>
    /// <param name="path">The file.</param>
    /// <param name="access">How its bytes come into memory.</param>
    /// <exception cref="ModelFormatException">The file is missing or malformed; the message says where.</exception>
    public static SafetensorsFile Open(string path, WeightAccess access = WeightAccess.Mapped) => new(path, access);

    /// <summary>Whether there is a tensor of this name.</summary>
    public bool Contains(string name) => entries.ContainsKey(name);

    /// <summary>The format's name of a tensor's dtype, such as BF16.</summary>
    /// <exception cref="ModelFormatException">There is no such tensor.</exception>
    public string DtypeName(string name) => Entry(name).Type.Name;

    /// <summary>A tensor's sizes.</summary>
    /// <exception cref="ModelFormatException">There is no such tensor.</exception>
    public ImmutableArray<long> Shape(string name) => Entry(name).Shape;

    /// <summary>
    /// A tensor over the mapped or copied bytes: read-only, borrowed, and gone when it is released or the file is disposed, as
    /// are all views of it.
    /// </summary>
    /// <exception cref="ModelFormatException">
    /// There is no such tensor, libtorch has no such dtype, or it cannot be copied: the file has been cut or changed.
    /// </exception>
    public Tensor Map(string name)
    {
        // Tensors made before are gone too.
        _ = file.At(0);
        if (!opened.TryGetValue(name, out var tensor))
        {
            opened.Add(name, tensor = Create(Entry(name)));
        }

        return tensor;
    }

    /// <summary>A vector or matrix, row by row.</summary>
    /// <exception cref="ModelFormatException">
    /// There is no such tensor, it is no vector or matrix of F32, F16 or BF16, or it cannot be copied: the file has been cut or changed.
    /// </exception>
    public IWeightRows Rows(string name)
    {
        var entry = Entry(name);
        var first = file.Part(dataStart + entry.Begin, entry.Bytes, entry.Type.Name);
        WeightEncoding? encoding = entry.Type.Name switch
        {
            "F32" => WeightEncoding.F32,
            "F16" => WeightEncoding.F16,
            "BF16" => WeightEncoding.BF16,
            _ => null,
        };
        return (encoding, entry.Shape) switch
        {
            ({ } known, [var columns and <= int.MaxValue / sizeof(float)]) =>
                new MappedRows(file, first, known, 1, (int)columns),
            ({ } known, [var rows and <= int.MaxValue, var columns and <= int.MaxValue / sizeof(float)]) =>
                new MappedRows(file, first, known, (int)rows, (int)columns),
            _ => throw new ModelFormatException(
                $"{source}: tensor '{name}' is {entry.Type.Name} [{string.Join(", ", entry.Shape)}]; rows need a vector or matrix of "
                    + "F32, F16 or BF16."),
        };
    }

    /// <summary>A tensor, and the rows of it, are not used any more: where it is copied, it is freed.</summary>
    public void Release(string name)
    {
        if (file.IsMapped)
        {
            return;
        }

        if (opened.Remove(name, out var tensor))
        {
            tensor.Dispose();
        }

        var entry = Entry(name);
        file.Release(dataStart + entry.Begin, entry.Bytes);
    }

    /// <summary>Threads that a tensor is copied by.</summary>
    internal int Threads
    {
        set => file.Threads = value;
    }

    /// <summary>No more tensors are asked for soon: memory kept for the next one is given back.</summary>
    public void Trim() => file.Trim();

    /// <summary>Frees all tensors and unmaps the file.</summary>
    public void Dispose()
    {
        foreach (var tensor in opened.Values)
        {
            tensor.Dispose();
        }

        opened.Clear();
        file.Dispose();
    }

    private Tensor Create(TensorEntry entry)
    {
        var type = entry.Type.Type
            ?? throw new ModelFormatException($"{source}: tensor '{entry.Name}' has dtype {entry.Type.Name}, which cannot be computed "
                + "with.");
        using var scope = NewDisposeScope();
        var first = file.Part(dataStart + entry.Begin, entry.Bytes, entry.Type.Name);
        var mapped = Aten.FromBlob(first, entry.Shape.AsSpan(), type);
        return ((nint)first % entry.Type.Bytes == 0 ? mapped : mapped.clone()).DetachFromDisposeScope();
    }

    private TensorEntry Entry(string name) => entries.TryGetValue(name, out var entry)
        ? entry
        : throw new ModelFormatException($"{source} has no tensor '{name}'; it has {entries.Count} others.");
}
