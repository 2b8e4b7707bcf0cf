using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;
using Orca.Model.Native;
using static TorchSharp.torch;

namespace Orca.Model.Weights;

/// <summary>
/// Writes safetensors files that every reader of the format takes. The same tensors give the same bytes: they are ordered
/// by element size, widest first, then by name, so that each is aligned; the data begins at a multiple of 64 bytes.
/// </summary>
public static unsafe class SafetensorsWriter
{
    private const int Alignment = 64;
    private const int ChunkBytes = 4 << 20;

    /// <summary>Writes a new file. One tensor at a time is cast or copied, so memory stays at the largest of them.</summary>
    /// <param name="path">A file that does not exist yet.</param>
    /// <param name="tensors">Tensors by name, on any device; borrowed.</param>
    /// <param name="dtype">What floating-point tensors are cast to; null: each stays as it is.</param>
    /// <param name="progress">Is told of the bytes that are written.</param>
    /// <param name="cancellationToken">Gives it up; what was written so far stays.</param>
    /// <exception cref="IOException">The file exists already, or the disk is full.</exception>
    public static void Write(
        string path, IReadOnlyDictionary<string, Tensor> tensors, ScalarType? dtype = null, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var ordered = InOrder(tensors.Select(pair => new PlannedTensor(
            pair.Key, WeightType.Of(Target(pair.Value, dtype)), [.. pair.Value.shape])));
        var work = new WorkCounter(progress, ordered.Sum(tensor => tensor.Bytes));
        using var file = Begin(path, ordered);
        foreach (var tensor in ordered)
        {
            using var scope = NewDisposeScope();
            Write(file, tensors[tensor.Name].detach().to(tensor.Type.Type!.Value, CPU).contiguous(), work, cancellationToken);
        }
    }

    /// <summary>Writes a new file, a few rows at a time.</summary>
    /// <param name="path">A file that does not exist yet.</param>
    /// <param name="weights">Shapes and rows, in F32, F16 or BF16, by name.</param>
    /// <param name="work">Is told of the bytes that are written.</param>
    /// <param name="cancellationToken">Gives it up; what was written so far stays.</param>
    /// <exception cref="IOException">The file exists already, or the disk is full.</exception>
    /// <exception cref="ModelFormatException">A value is too large for its encoding, or is no number.</exception>
    internal static void Write(
        string path, IReadOnlyDictionary<string, (ImmutableArray<long> Shape, EncodedRows Rows)> weights, WorkCounter work,
        CancellationToken cancellationToken)
    {
        var ordered = InOrder(weights.Select(weight => new PlannedTensor(
            weight.Key, WeightType.Find(weight.Value.Rows.Encoding.ToString())!, weight.Value.Shape)));
        using var file = Begin(path, ordered);
        foreach (var tensor in ordered)
        {
            weights[tensor.Name].Rows.WriteTo(file, work, cancellationToken);
        }
    }

    private static List<PlannedTensor> InOrder(IEnumerable<PlannedTensor> tensors) =>
        [.. tensors.OrderByDescending(tensor => tensor.Type.Bytes).ThenBy(tensor => tensor.Name, StringComparer.Ordinal)];

    private static FileStream Begin(string path, List<PlannedTensor> tensors)
    {
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            file.Write(Header(tensors));
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static ScalarType Target(Tensor tensor, ScalarType? dtype) =>
        dtype is { } wanted && tensor.is_floating_point() ? wanted : tensor.dtype;

    private static byte[] Header(List<PlannedTensor> tensors)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            // transformers refuses a file that does not say which library's layout its tensors have.
            writer.WriteStartObject("__metadata__");
            writer.WriteString("format", "pt");
            writer.WriteEndObject();
            var begin = 0L;
            foreach (var tensor in tensors)
            {
                var end = begin + tensor.Bytes;
                writer.WriteStartObject(tensor.Name);
                writer.WriteString("dtype", tensor.Type.Name);
                WriteNumbers(writer, "shape", tensor.Shape);
                WriteNumbers(writer, "data_offsets", [begin, end]);
                writer.WriteEndObject();
                begin = end;
            }

            writer.WriteEndObject();
        }

        var padded = (8 + json.WrittenCount + Alignment - 1) / Alignment * Alignment;
        var header = new byte[padded];
        BinaryPrimitives.WriteInt64LittleEndian(header, padded - 8);
        json.WrittenSpan.CopyTo(header.AsSpan(8));
        header.AsSpan(8 + json.WrittenCount).Fill((byte)' ');
        return header;
    }

    private static void WriteNumbers(Utf8JsonWriter writer, string key, IEnumerable<long> numbers)
    {
        writer.WriteStartArray(key);
        foreach (var number in numbers)
        {
            writer.WriteNumberValue(number);
        }

        writer.WriteEndArray();
    }

    private static void Write(FileStream file, Tensor contiguous, WorkCounter work, CancellationToken cancellationToken)
    {
        var data = (byte*)Aten.DataPointer(contiguous);
        var bytes = contiguous.numel() * contiguous.element_size();
        for (var done = 0L; done < bytes; done += ChunkBytes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var chunk = new ReadOnlySpan<byte>(data + done, (int)Math.Min(ChunkBytes, bytes - done));
            file.Write(chunk);
            work.Add(chunk.Length);
        }
    }

    private sealed record PlannedTensor(string Name, WeightType Type, ImmutableArray<long> Shape)
    {
        public long Bytes => Shape.Aggregate((long)Type.Bytes, (product, size) => product * size);
    }
}
