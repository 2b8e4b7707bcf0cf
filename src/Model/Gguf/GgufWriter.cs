using System.Text;
using Orca.Model.Weights;

namespace Orca.Model.Gguf;

/// <summary>Writes a GGUF file of version 3: metadata first, then tensors, each at a multiple of 32 bytes.</summary>
internal sealed class GgufWriter : IDisposable
{
    private const int Alignment = 32;

    private readonly MemoryStream metadata = new();
    private readonly List<Planned> tensors = [];
    private int values;

    public void Add(string key, string value) => Add(key, GgufType.Text, writer => Write(writer, value));

    public void Add(string key, uint value) => Add(key, GgufType.UInt32, writer => writer.Write(value));

    public void Add(string key, float value) => Add(key, GgufType.Float32, writer => writer.Write(value));

    public void Add(string key, bool value) => Add(key, GgufType.Bool, writer => writer.Write(value));

    public void Add(string key, IReadOnlyCollection<string> list) => AddList(key, GgufType.Text, list, Write);

    public void Add(string key, IReadOnlyCollection<float> list) =>
        AddList(key, GgufType.Float32, list, (writer, value) => writer.Write(value));

    public void Add(string key, IReadOnlyCollection<int> list) =>
        AddList(key, GgufType.Int32, list, (writer, value) => writer.Write(value));

    /// <summary>Plans a tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="encoding">How its rows are written.</param>
    /// <param name="shape">Its sizes, outputs before inputs.</param>
    /// <param name="readRow">Fills in the values of a row when the file is written.</param>
    public void AddTensor(string name, WeightEncoding encoding, IReadOnlyList<long> shape, EncodedRows.ReadRow readRow) => AddTensor(
        name, shape, new EncodedRows(
            name, encoding, (int)shape.SkipLast(1).Aggregate(1L, (product, size) => product * size), (int)shape[^1], readRow));

    /// <summary>Plans a tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its sizes, outputs before inputs.</param>
    /// <param name="rows">What is written.</param>
    public void AddTensor(string name, IReadOnlyList<long> shape, EncodedRows rows) => tensors.Add(new Planned(name, shape, rows));

    /// <summary>Writes the file.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="progress">Is told of the bytes of tensors that are written.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="ModelFormatException">A value is too large for its encoding, or is no number.</exception>
    public void WriteTo(Stream stream, IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var work = new WorkCounter(progress, tensors.Sum(tensor => tensor.Rows.Bytes));
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)tensors.Count);
        writer.Write((ulong)values);
        writer.Write(metadata.GetBuffer().AsSpan(0, (int)metadata.Length));
        var offset = 0L;
        foreach (var tensor in tensors)
        {
            Write(writer, tensor.Name);
            writer.Write(tensor.Shape.Count);
            foreach (var size in tensor.Shape.Reverse())
            {
                writer.Write(size);
            }

            writer.Write(GgufTensorType.IdOf(tensor.Rows.Encoding));
            writer.Write(offset);
            offset += tensor.Rows.Bytes + Padding(tensor.Rows.Bytes);
        }

        writer.Flush();
        stream.Write(new byte[Padding(stream.Position)]);
        foreach (var tensor in tensors)
        {
            tensor.Rows.WriteTo(stream, work, cancellationToken);
            stream.Write(new byte[Padding(tensor.Rows.Bytes)]);
        }
    }

    public void Dispose() => metadata.Dispose();

    private static int Padding(long position) => (int)((Alignment - (position % Alignment)) % Alignment);

    private static void Write(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private void Add(string key, GgufType type, Action<BinaryWriter> write)
    {
        using var writer = new BinaryWriter(metadata, Encoding.UTF8, leaveOpen: true);
        Write(writer, key);
        writer.Write((uint)type);
        write(writer);
        values++;
    }

    private void AddList<T>(string key, GgufType element, IReadOnlyCollection<T> list, Action<BinaryWriter, T> write) => Add(
        key, GgufType.Array, writer =>
    {
        writer.Write((uint)element);
        writer.Write((ulong)list.Count);
        foreach (var value in list)
        {
            write(writer, value);
        }
    });

    private sealed record Planned(string Name, IReadOnlyList<long> Shape, EncodedRows Rows);
}
