using System.Buffers.Binary;

namespace Orca.Model.Tokenization;

/// <summary>Walks the fields of one protobuf message. Knows the wire format only, not the message.</summary>
/// <param name="message">The bytes of the message.</param>
/// <param name="source">What is being read, for error messages.</param>
internal ref struct ProtobufFields(ReadOnlySpan<byte> message, string source)
{
    private const int VarintWire = 0;
    private const int Fixed64Wire = 1;
    private const int BytesWire = 2;
    private const int Fixed32Wire = 5;

    private ReadOnlySpan<byte> rest = message;

    /// <summary>Number of the field read last.</summary>
    public int Number { get; private set; }

    /// <summary>Value of the field read last, where it is an integer, a bool or an enum.</summary>
    public long Integer { get; private set; }

    /// <summary>Value of the field read last, where it is a float.</summary>
    public float Single { get; private set; }

    /// <summary>Value of the field read last, where it is a string, bytes or a message.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Reads the next field; false at the end of the message.</summary>
    /// <exception cref="ModelFormatException">The bytes are no protobuf, or end within a field.</exception>
    public bool Next()
    {
        if (rest.IsEmpty)
        {
            return false;
        }

        var tag = Varint();
        Number = (int)(tag >> 3);
        Bytes = default;
        (Integer, Single) = (0, 0);
        switch (tag & 7)
        {
            case VarintWire:
                Integer = (long)Varint();
                break;
            case Fixed64Wire:
                Take(8);
                break;
            case BytesWire:
                Bytes = Take(Varint());
                break;
            case Fixed32Wire:
                Single = BinaryPrimitives.ReadSingleLittleEndian(Take(4));
                break;
            default:
                throw Broken();
        }

        return true;
    }

    private ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Broken();
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)rest.Length)
        {
            throw Broken();
        }

        var taken = rest[..(int)length];
        rest = rest[(int)length..];
        return taken;
    }

    private readonly ModelFormatException Broken() =>
        new($"{source} is not a whole SentencePiece model; fetch the file anew from where the model is published.");
}
