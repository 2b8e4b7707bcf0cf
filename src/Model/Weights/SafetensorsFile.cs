using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.MemoryMappedFiles;
using Orca.Model.Native;
using static TorchSharp.torch;

namespace Orca.Model.Weights;

/// <summary>
/// A safetensors file, mapped into memory. The header is checked as a whole when the file is opened; tensors are made when
/// asked for, without a copy where the file aligns them. The file must not be changed or cut while it is open.
/// </summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private readonly string source;
    private readonly MemoryMappedFile map;
    private readonly MemoryMappedViewAccessor view;
    private readonly long dataStart;
    private readonly Dictionary<string, TensorEntry> entries;
    private readonly Dictionary<string, Tensor> opened = new(StringComparer.Ordinal);
    private byte* data;

    private SafetensorsFile(string path, FileStream file)
    {
        source = $"'{path}'";
        var length = file.Length;
        if (length < 8)
        {
            throw new ModelFormatException($"{source} has {length} bytes; a safetensors file has at least 8 for the length of its header.");
        }

        map = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        view = map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        try
        {
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref data);
            data += view.PointerOffset;
            var headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(data, 8));
            if (headerBytes > SafetensorsHeader.MaxBytes || (long)headerBytes > length - 8)
            {
                throw new ModelFormatException(
                    $"{source} claims a header of {headerBytes} bytes; the file has {length}, and a header at most {SafetensorsHeader.MaxBytes}.");
            }

            dataStart = 8 + (long)headerBytes;
            Entries = SafetensorsHeader.Parse(new ReadOnlySpan<byte>(data + 8, (int)headerBytes), length - dataStart, source);
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
    public static SafetensorsFile Open(string path)
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            try
            {
                return new SafetensorsFile(path, file);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException($"'{path}' cannot be read: {e.Message}", e);
        }
    }

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
        ObjectDisposedException.ThrowIf(data is null, this);
        if (!opened.TryGetValue(name, out var tensor))
        {
            opened.Add(name, tensor = Create(Entry(name)));
        }

        return tensor;
    }

    /// <summary>Frees all tensors and unmaps the file.</summary>
    public void Dispose()
    {
        foreach (var tensor in opened.Values)
        {
            tensor.Dispose();
        }

        opened.Clear();
        if (data is not null)
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
            data = null;
        }

        view.Dispose();
        map.Dispose();
    }

    private Tensor Create(TensorEntry entry)
    {
        var type = entry.Type.Type
            ?? throw new ModelFormatException($"{source}: tensor '{entry.Name}' has dtype {entry.Type.Name}, which cannot be computed with.");
        using var scope = NewDisposeScope();
        var first = data + dataStart + entry.Begin;
        var mapped = Aten.FromBlob(first, entry.Shape.AsSpan(), type);
        return ((nint)first % entry.Type.Bytes == 0 ? mapped : mapped.clone()).DetachFromDisposeScope();
    }

    private TensorEntry Entry(string name) => entries.TryGetValue(name, out var entry)
        ? entry
        : throw new ModelFormatException($"{source} has no tensor '{name}'; it has {entries.Count} others.");
}
