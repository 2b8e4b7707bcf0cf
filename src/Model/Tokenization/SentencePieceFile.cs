using System.Buffers.Binary;
using System.Text;

namespace Orca.Model.Tokenization;

/// <summary>Writes a SentencePiece model in the form of <c>tokenizer.model</c>, for a vocabulary that came in another form.</summary>
internal static class SentencePieceFile
{
    private const int BytePairEncoding = 2;

    /// <summary>The bytes of the file.</summary>
    public static byte[] Write(SentencePieceModel model)
    {
        using var file = new MemoryStream();
        foreach (var piece in model.Pieces)
        {
            WriteBytes(file, 1, Message(fields =>
            {
                WriteBytes(fields, 1, Encoding.UTF8.GetBytes(piece.Text));
                WriteSingle(fields, 2, piece.Score);
                WriteInteger(fields, 3, (int)piece.Kind);
            }));
        }

        WriteBytes(file, 2, Message(fields =>
        {
            WriteInteger(fields, 3, BytePairEncoding);
            WriteInteger(fields, 4, model.Pieces.Length);
            WriteInteger(fields, 35, model.ByteFallback ? 1 : 0);
            WriteInteger(fields, 41, model.BosId);
            WriteInteger(fields, 42, model.EosId);
        }));
        WriteBytes(file, 3, Message(fields =>
        {
            WriteBytes(fields, 1, "identity"u8);
            WriteInteger(fields, 3, model.AddDummyPrefix ? 1 : 0);
            WriteInteger(fields, 4, model.RemoveExtraWhitespaces ? 1 : 0);
            WriteInteger(fields, 5, model.EscapeWhitespaces ? 1 : 0);
        }));
        return file.ToArray();
    }

    private static byte[] Message(Action<Stream> write)
    {
        using var fields = new MemoryStream();
        write(fields);
        return fields.ToArray();
    }

    private static void WriteBytes(Stream stream, int field, ReadOnlySpan<byte> bytes)
    {
        WriteVarint(stream, ((uint)field << 3) | 2);
        WriteVarint(stream, (uint)bytes.Length);
        stream.Write(bytes);
    }

    private static void WriteInteger(Stream stream, int field, int value)
    {
        WriteVarint(stream, (uint)field << 3);
        WriteVarint(stream, (ulong)(long)value);
    }

    private static void WriteSingle(Stream stream, int field, float value)
    {
        WriteVarint(stream, ((uint)field << 3) | 5);
        Span<byte> bytes = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        stream.Write(bytes);
    }

    private static void WriteVarint(Stream stream, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            stream.WriteByte((byte)(value | 0x80));
        }

        stream.WriteByte((byte)value);
    }
}
