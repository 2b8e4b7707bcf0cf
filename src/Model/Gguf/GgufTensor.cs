using System.Collections.Immutable;
using Orca.Model.Weights;

namespace Orca.Model.Gguf;

/// <summary>One tensor of a GGUF file.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Encoding">How its rows are written.</param>
/// <param name="Shape">Its sizes, outputs before inputs: the file states them the other way round.</param>
/// <param name="Offset">Where it begins; while the header is read, counted from the start of the data.</param>
internal sealed record GgufTensor(string Name, WeightEncoding Encoding, ImmutableArray<long> Shape, long Offset)
{
    /// <summary>Index of the file it lies in, where a model is split.</summary>
    public int Part { get; init; }

    private const int MostNameBytes = 65_535;
    private const int MostRank = 4;

    /// <summary>Bytes it takes.</summary>
    public long Bytes => Encoding.BytesOf(Shape.Aggregate(1L, (product, size) => product * size));

    /// <summary>Least bytes of a header's entry: lengths, type and offset.</summary>
    public const int LeastHeaderBytes = 8 + 4 + 8 + 4 + 8;

    /// <summary>Reads an entry of the header.</summary>
    /// <exception cref="ModelFormatException">It is malformed or of a type that is not supported.</exception>
    public static GgufTensor Read(GgufCursor cursor)
    {
        var name = cursor.Text("a tensor's name", MostNameBytes);
        var quoted = GgufFile.Quoted(name);
        var rank = cursor.UInt32($"the rank of tensor {quoted}");
        if (rank is 0 or > MostRank)
        {
            throw cursor.Fault($"has the tensor {quoted} of {rank} dimensions; it must have 1 to {MostRank}");
        }

        var sizes = new ulong[rank];
        for (var i = 0; i < rank; i++)
        {
            sizes[i] = cursor.UInt64($"the sizes of tensor {quoted}");
        }

        var type = cursor.UInt32($"the type of tensor {quoted}");
        var encoding = GgufTensorType.EncodingOf(type) ?? throw cursor.Fault(
            $"has the tensor {quoted}, which is {GgufTensorType.NameOf(type)}; supported are {GgufTensorType.Known}, so take a file of the model in one of these, such as Q4_K_M or Q8_0");
        CheckSizes(cursor, quoted, encoding, sizes);
        var offset = cursor.UInt64($"the offset of tensor {quoted}");
        return offset <= long.MaxValue
            ? new GgufTensor(name, encoding, [.. sizes.Select(size => (long)size).Reverse()], (long)offset)
            : throw cursor.Fault($"has the tensor {quoted} at byte {offset}, which no file reaches");
    }

    private static void CheckSizes(GgufCursor cursor, string quoted, WeightEncoding encoding, ulong[] sizes)
    {
        if (sizes[0] % (ulong)encoding.BlockValues() != 0)
        {
            throw cursor.Fault($"has the tensor {quoted} with rows of {sizes[0]} values; {encoding} needs whole blocks of {encoding.BlockValues()}");
        }

        var values = 1UL;
        foreach (var size in sizes)
        {
            var product = Math.BigMul(values, size, out values);
            // Far more values than a file can hold: products of them stay countable.
            if (size == 0 || product != 0 || values > 1UL << 56)
            {
                throw cursor.Fault($"has the tensor {quoted} of [{string.Join(", ", sizes)}], which is nothing, or more than can be counted");
            }
        }
    }
}
