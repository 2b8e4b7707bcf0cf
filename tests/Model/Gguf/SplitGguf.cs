using System.Text;
using Orca.Model.Gguf;
using Orca.Model.Weights;

namespace Orca.Model.Tests.Gguf;

/// <summary>Splits a GGUF file as llama.cpp's gguf-split does.</summary>
internal static unsafe class SplitGguf
{
    private const int CountsEnd = 24;
    private const int Alignment = 32;

    /// <summary>Writes the parts of a file, tensors dealt out in their order.</summary>
    /// <param name="path">The whole file.</param>
    /// <param name="prefix">What the parts' names begin with.</param>
    /// <param name="count">Parts.</param>
    /// <returns>Their paths.</returns>
    public static string[] Write(string path, string prefix, int count)
    {
        using var whole = GgufFile.Open(path);
        var tensors = whole.Tensors.Values.OrderBy(tensor => tensor.Offset).ToArray();
        var each = (tensors.Length + count - 1) / count;
        return [.. tensors.Chunk(each).Select((own, number) =>
        {
            var part = $"{prefix}-{number + 1:D5}-of-{count:D5}.gguf";
            using var writer = new BinaryWriter(File.Create(part));
            WritePart(writer, whole, own, number, count, tensors.Length);
            return part;
        })];
    }

    private static void WritePart(BinaryWriter writer, GgufFile whole, GgufTensor[] tensors, int number, int count, int allTensors)
    {
        var metadata = number == 0 ? whole.MetadataBytes[CountsEnd..] : [];
        writer.Write("GGUF"u8);
        writer.Write(3);
        writer.Write((long)tensors.Length);
        writer.Write((number == 0 ? BitConverter.ToInt64(whole.MetadataBytes[16..]) : 0) + 3);
        writer.Write(metadata);
        Add("split.no", GgufType.UInt16, () => writer.Write((ushort)number));
        Add("split.count", GgufType.UInt16, () => writer.Write((ushort)count));
        Add("split.tensors.count", GgufType.Int32, () => writer.Write(allTensors));
        var offset = 0L;
        foreach (var tensor in tensors)
        {
            Text(tensor.Name);
            writer.Write(tensor.Shape.Length);
            foreach (var size in tensor.Shape.Reverse())
            {
                writer.Write(size);
            }

            writer.Write(GgufTensorType.IdOf(tensor.Encoding));
            writer.Write(offset);
            offset += (tensor.Bytes + Alignment - 1) / Alignment * Alignment;
        }

        Pad();
        foreach (var tensor in tensors)
        {
            writer.Write(new ReadOnlySpan<byte>(whole.DataOf(tensor), (int)tensor.Bytes));
            Pad();
        }

        void Add(string key, GgufType type, Action value)
        {
            Text(key);
            writer.Write((uint)type);
            value();
        }

        void Text(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            writer.Write((long)bytes.Length);
            writer.Write(bytes);
        }

        void Pad()
        {
            writer.Flush();
            writer.Write(new byte[(Alignment - (writer.BaseStream.Position % Alignment)) % Alignment]);
            writer.Flush();
        }
    }
}
