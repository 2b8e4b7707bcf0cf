using System.Text;
using Orca.Model.Tokenization;

namespace Orca.Model.Tests.Tokenization;

/// <summary>Small SentencePiece models, written field by field.</summary>
internal sealed record TinySentencePiece
{
    public const int Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6;

    public required (string Text, float Score, int Kind)[] Pieces { get; init; }

    public int ModelType { get; init; } = 2;

    public bool ByteFallback { get; init; }

    public bool AddDummyPrefix { get; init; } = true;

    public bool RemoveExtraWhitespaces { get; init; }

    public string CharactersMap { get; init; } = "";

    public int EosId { get; init; } = 2;

    /// <summary>Unknown, start, end and then the letters a to c, the space and what is given.</summary>
    public static TinySentencePiece With(params (string Text, float Score, int Kind)[] more) => new()
    {
        Pieces = [("<unk>", 0, Unknown), ("<s>", 0, Control), ("</s>", 0, Control), ("a", -90, Normal), ("b", -91, Normal),
            ("c", -92, Normal),
            ("\u2581", -93, Normal),
            .. more],
    };

    public ITokenizer Open() => TokenizerFolder.FromSentencePiece(ToBytes(), "the tiny model");

    public byte[] ToBytes()
    {
        using var file = new MemoryStream();
        foreach (var (text, score, kind) in Pieces)
        {
            Message(file, 1, [.. Field(1, Encoding.UTF8.GetBytes(text)), (2 << 3) | 5, .. BitConverter.GetBytes(score), .. Field(3, kind)]);
        }

        Message(file, 2, [.. Field(3, ModelType), .. Field(35, ByteFallback ? 1 : 0), .. Field(42, EosId)]);
        Message(file, 3, [.. Field(2, Encoding.UTF8.GetBytes(CharactersMap)), .. Field(3, AddDummyPrefix ? 1 : 0),
            .. Field(4, RemoveExtraWhitespaces ? 1 : 0)]);
        return file.ToArray();
    }

    private static void Message(Stream file, int field, byte[] message) => file.Write(Field(field, message));

    private static byte[] Field(int field, byte[] bytes) => [.. Varint(((ulong)field << 3) | 2), .. Varint((ulong)bytes.Length), .. bytes];

    private static byte[] Field(int field, int value) => [.. Varint((ulong)field << 3), .. Varint((ulong)(long)value)];

    private static IEnumerable<byte> Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            yield return (byte)(value | 0x80);
        }

        yield return (byte)value;
    }
}
