using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace Orca.Model.Tokenization;

/// <summary>
/// The <c>tokenizer.bin</c> of llama2.c: the length of the longest piece (int32), then of every piece its score (float32),
/// length (int32) and bytes, with plain spaces. Pieces 0 to 2 are unknown, start and end, and the next 256 are the bytes.
/// </summary>
internal static class Llama2cTokenizerFile
{
    /// <summary>The file's usual name.</summary>
    public const string FileName = "tokenizer.bin";

    private const int FirstByte = 3;
    private const int FirstNormal = FirstByte + 256;

    /// <summary>Reads the file as the SentencePiece model that it was made from.</summary>
    /// <exception cref="ModelFormatException">The file is malformed.</exception>
    public static SentencePieceModel Parse(ReadOnlySpan<byte> file, string source)
    {
        var pieces = ImmutableArray.CreateBuilder<Piece>();
        if (file.Length < sizeof(int))
        {
            throw Broken(source);
        }

        for (var rest = file[sizeof(int)..]; !rest.IsEmpty;)
        {
            if (rest.Length < 8 || BinaryPrimitives.ReadInt32LittleEndian(rest[4..]) is var length && (length < 0 || length > rest.Length - 8))
            {
                throw Broken(source);
            }

            var score = BinaryPrimitives.ReadSingleLittleEndian(rest);
            pieces.Add(PieceOf(pieces.Count, Encoding.UTF8.GetString(rest.Slice(8, length)), score, source));
            rest = rest[(8 + length)..];
        }

        return pieces.Count > FirstNormal
            ? new SentencePieceModel { Pieces = pieces.ToImmutable(), ByteFallback = true, RemoveExtraWhitespaces = false }
            : throw Broken(source);
    }

    private static Piece PieceOf(int id, string text, float score, string source)
    {
        var piece = id switch
        {
            0 => new Piece("<unk>", score, PieceKind.Unknown),
            1 => new Piece("<s>", score, PieceKind.Control),
            2 => new Piece("</s>", score, PieceKind.Control),
            < FirstNormal => new Piece(text, score, PieceKind.Byte),
            _ => new Piece(text.Replace(' ', SentencePieceModel.Space), score, PieceKind.Normal),
        };
        return id is not (>= FirstByte and < FirstNormal) || SentencePieceEncoding.ByteOf(piece, source) == id - FirstByte
            ? piece
            : throw Broken(source);
    }

    private static ModelFormatException Broken(string source) =>
        new($"{source} is not a whole tokenizer of llama2.c (scores and pieces behind an int32); export it again with llama2.c's "
            + "tokenizer.py.");
}
