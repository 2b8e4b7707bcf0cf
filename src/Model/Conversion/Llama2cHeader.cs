using System.Buffers.Binary;
using Orca.Model.Network;

namespace Orca.Model.Conversion;

/// <summary>What a llama2.c file says about itself, and in which of its two float32 forms it is.</summary>
/// <param name="Config">The model's shape; the files give neither epsilon nor theta, which llama2.c fixes.</param>
/// <param name="HeaderBytes">Where the weights begin.</param>
/// <param name="IsLegacy">The form without a magic number; its weights lie in another order.</param>
internal sealed record Llama2cHeader(LlamaConfig Config, int HeaderBytes, bool IsLegacy)
{
    private const uint Magic = 0x616b3432; // "ak42"
    private const int LegacyBytes = 7 * sizeof(int);
    private const int Version1Bytes = 256;

    /// <summary>Values of the file's weights, those of the legacy form's unused rotary tables included.</summary>
    public long Values => Config.ParameterCount + (IsLegacy ? RotaryValues : 0);

    /// <summary>Values of the legacy form's two rotary tables.</summary>
    public long RotaryValues => (long)Config.MaxPositions * Config.HeadDim;

    /// <summary>Reads a header.</summary>
    /// <exception cref="ModelFormatException">It is cut, of another version, or absurd.</exception>
    public static Llama2cHeader Read(ReadOnlySpan<byte> file, string source)
    {
        if (file.Length < LegacyBytes)
        {
            throw new ModelFormatException($"{source} has {file.Length} bytes; a llama2.c model begins with a header of {LegacyBytes} or "
                + $"{Version1Bytes}.");
        }

        var isLegacy = BinaryPrimitives.ReadUInt32LittleEndian(file) != Magic;
        if (isLegacy)
        {
            // A negative vocabulary says that the output projection is a matrix of its own.
            var vocabulary = Integer(file, 5);
            return new Llama2cHeader(Shape(file, 0, vocabulary > 0, source), LegacyBytes, isLegacy);
        }

        var version = Integer(file, 1);
        if (version != 1)
        {
            throw new ModelFormatException(
                $"{source} is a llama2.c model of version {version}; only the float32 forms, legacy and version 1, are supported: export "
                    + "it as one of them.");
        }

        if (file.Length < Version1Bytes)
        {
            throw new ModelFormatException($"{source} has {file.Length} bytes; a llama2.c model of version 1 begins with a header of "
                + $"{Version1Bytes}.");
        }

        return new Llama2cHeader(Shape(file, 2, file[9 * sizeof(int)] != 0, source), Version1Bytes, isLegacy);
    }

    private static LlamaConfig Shape(ReadOnlySpan<byte> file, int first, bool tied, string source)
    {
        var vocabulary = Integer(file, first + 5);
        var config = new LlamaConfig
        {
            HiddenSize = Integer(file, first),
            IntermediateSize = Integer(file, first + 1),
            Layers = Integer(file, first + 2),
            Heads = Integer(file, first + 3),
            KvHeads = Integer(file, first + 4),
            VocabularySize = vocabulary == int.MinValue ? 0 : Math.Abs(vocabulary),
            MaxPositions = Integer(file, first + 6),
            TiedEmbeddings = tied,
            RmsNormEpsilon = 1e-5,
            RopeTheta = 10_000,
            BosId = 1,
            EosIds = [2],
        };
        config.Validate($"{source} is no llama2.c model, or its header is damaged");
        return config;
    }

    private static int Integer(ReadOnlySpan<byte> file, int index) => BinaryPrimitives.ReadInt32LittleEndian(file[(index * sizeof(int))..]);
}
