using System.Buffers.Binary;
using System.Collections.Immutable;
using Orca.Model.Native;
using static TorchSharp.torch;

namespace Orca.Model.Weights;

/// <summary>
/// A safetensors file, mapped into memory. The header is checked as a whole when the file is opened; tensors are made when
/// asked for, without a copy where the file aligns them. The file must not be changed or cut while it is open.
/// </summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private const int LengthBytes = 8;

    private readonly string source;
    private readonly MappedFile file;
    private readonly long dataStart;
    private readonly Dictionary<string, TensorEntry> entries;
    private readonly Dictionary<string, Tensor> opened = new(StringComparer.Ordinal);

    private SafetensorsFile(string path)
    {
        source = $"'{path}'";
        file = MappedFile.Open(path, LengthBytes, "safetensors");
        try
        {
            var headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(file.Slice(0, LengthBytes));
            if (headerBytes > SafetensorsHeader.MaxBytes || (long)headerBytes > file.Length - LengthBytes)
            {
                throw new ModelFormatException(
                    $"{source} claims a header of {headerBytes} bytes; the file has {file.Length}, and a header at most {SafetensorsHeader.MaxBytes}.");
            }

            dataStart = LengthBytes + (long)headerBytes;
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

    /// <summary>Maps a file and checks its header.</summary>
    /// <exception cref="ModelFormatException">The file is missing or malformed; the message says where.</exception>
    public static SafetensorsFile Open(string path) => new(path);

    /// <summary>Whether there is a tensor of this name.</summary>
    public bool Contains(string name) => entries.ContainsKey(name);

    /// <summary>The format's name of a tensor's dtype, such as BF16.</summary>
    /// <exception cref="ModelFormatException">There is no such tensor.</exception>
    public string DtypeName(string name) => Entry(name).Type.Name;

    /// <summary>A tensor's sizes.</summary>
    /// <exception cref="ModelFormatException">There is no such tensor.</exception>
    public ImmutableArray<long> Shape(string name) => Entry(name).Shape;

    /// <summary>
    /// A tensor over the mapped bytes: read-only, borrowed, and gone when the file is disposed, as are all views of it.
    /// </summary>
    /// <exception cref="ModelFormatException">There is no such tensor, or libtorch has no such dtype.</exception>
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
    /// <exception cref="ModelFormatException">There is no such tensor, or it is no vector or matrix of F32, F16 or BF16.</exception>
    public IWeightRows Rows(string name)
    {
        var entry = Entry(name);
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
                new MappedRows(file, dataStart + entry.Begin, known, 1, (int)columns),
            ({ } known, [var rows and <= int.MaxValue, var columns and <= int.MaxValue / sizeof(float)]) =>
                new MappedRows(file, dataStart + entry.Begin, known, (int)rows, (int)columns),
            _ => throw new ModelFormatException(
                $"{source}: tensor '{name}' is {entry.Type.Name} [{string.Join(", ", entry.Shape)}]; rows need a vector or matrix of F32, F16 or BF16."),
        };
    }

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
            ?? throw new ModelFormatException($"{source}: tensor '{entry.Name}' has dtype {entry.Type.Name}, which cannot be computed with.");
        using var scope = NewDisposeScope();
        var first = file.At(dataStart + entry.Begin);
        var mapped = Aten.FromBlob(first, entry.Shape.AsSpan(), type);
        return ((nint)first % entry.Type.Bytes == 0 ? mapped : mapped.clone()).DetachFromDisposeScope();
    }

    private TensorEntry Entry(string name) => entries.TryGetValue(name, out var entry)
        ? entry
        : throw new ModelFormatException($"{source} has no tensor '{name}'; it has {entries.Count} others.");
}
