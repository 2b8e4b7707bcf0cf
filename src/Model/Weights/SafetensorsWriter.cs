using System.Buffers;
using System.Buffers.Binary;
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
    /// <param name="cancellationToken">Gives it up; what was written so far stays.</param>
    /// <exception cref="IOException">The file exists already, or the disk is full.</exception>
    public static void Write(
        string path, IReadOnlyDictionary<string, Tensor> tensors, ScalarType? dtype = null, CancellationToken cancellationToken = default)
    {
        var ordered = tensors
            .Select(pair => (Name: pair.Key, Tensor: pair.Value, Type: WeightType.Of(Target(pair.Value, dtype))))
            .OrderByDescending(item => item.Type.Bytes)
            .ThenBy(item => item.Name, StringComparer.Ordinal)
            .ToList();
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        file.Write(Header(ordered));
        foreach (var (_, tensor, type) in ordered)
        {
            using var scope = NewDisposeScope();
            Write(file, tensor.detach().to(type.Type!.Value, CPU).contiguous(), cancellationToken);
        }
    }

    private static ScalarType Target(Tensor tensor, ScalarType? dtype) =>
        dtype is { } wanted && tensor.is_floating_point() ? wanted : tensor.dtype;

    private static byte[] Header(List<(string Name, Tensor Tensor, WeightType Type)> tensors)
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
            foreach (var (name, tensor, type) in tensors)
            {
                var end = begin + (tensor.numel() * type.Bytes);
                writer.WriteStartObject(name);
                writer.WriteString("dtype", type.Name);
                WriteNumbers(writer, "shape", tensor.shape);
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

    private static void Write(FileStream file, Tensor contiguous, CancellationToken cancellationToken)
    {
        var data = (byte*)Aten.DataPointer(contiguous);
        var bytes = contiguous.numel() * contiguous.element_size();
        for (var done = 0L; done < bytes; done += ChunkBytes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            file.Write(new ReadOnlySpan<byte>(data + done, (int)Math.Min(ChunkBytes, bytes - done)));
        }
    }
}
