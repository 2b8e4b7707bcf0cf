using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text;

namespace Orca.Model.Tokenization;

/// <summary>What a piece of a SentencePiece vocabulary is for; the numbers are those of the file.</summary>
internal enum PieceKind
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

/// <summary>One piece of a SentencePiece vocabulary, spaces written as U+2581.</summary>
internal readonly record struct Piece(string Text, float Score, PieceKind Kind);

/// <summary>
/// A SentencePiece model of byte-pair encoding, as its file states it. Unigram, word and character models and
/// normalisation of characters (nfkc and such) are not supported.
/// </summary>
internal sealed record SentencePieceModel
{
    /// <summary>How a vocabulary writes a space.</summary>
    public const char Space = '\u2581';

    private const int BytePairEncoding = 2;

    public required ImmutableArray<Piece> Pieces { get; init; }

    public bool ByteFallback { get; init; }

    public int BosId { get; init; } = 1;

    public int EosId { get; init; } = 2;

    public bool AddDummyPrefix { get; init; } = true;

    public bool RemoveExtraWhitespaces { get; init; } = true;

    public bool EscapeWhitespaces { get; init; } = true;

    /// <summary>Reads the bytes of a <c>tokenizer.model</c>.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="source">How messages name it.</param>
    /// <exception cref="ModelFormatException">It is no SentencePiece model, or of a kind that is not supported.</exception>
    public static SentencePieceModel Parse(ReadOnlySpan<byte> bytes, string source)
    {
        if (IsTiktoken(bytes))
        {
            throw new ModelFormatException($"{source} is a vocabulary of tiktoken, which does not say how texts are cut into words; put "
                + "the model's tokenizer.json beside it.");
        }

        var pieces = ImmutableArray.CreateBuilder<Piece>();
        var model = new SentencePieceModel { Pieces = [] };
        var (hasTrainer, hasNormalizer) = (false, false);
        for (var fields = new ProtobufFields(bytes, source); fields.Next();)
        {
            switch (fields.Number)
            {
                case 1:
                    pieces.Add(ParsePiece(fields.Bytes, source));
                    break;
                case 2:
                    model = model.WithTrainerSettings(fields.Bytes, source);
                    hasTrainer = true;
                    break;
                case 3:
                    model = model.WithNormalizerSettings(fields.Bytes, source);
                    hasNormalizer = true;
                    break;
            }
        }

        return hasTrainer && hasNormalizer && pieces.Count > 0
            ? model with { Pieces = pieces.ToImmutable() }
            : throw new ModelFormatException($"{source} is not a whole SentencePiece model; fetch the file anew from where the model is "
                + "published.");
    }

    // Lines of bytes in base64, a space and a number.
    private static bool IsTiktoken(ReadOnlySpan<byte> bytes)
    {
        var line = bytes[..Math.Max(bytes.IndexOf((byte)'\n'), 0)].TrimEnd((byte)'\r');
        var space = line.IndexOf((byte)' ');
        return space > 0
            && space < line.Length - 1
            && Base64.IsValid(line[..space])
            && !line[(space + 1)..].ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }

    private static Piece ParsePiece(ReadOnlySpan<byte> bytes, string source)
    {
        var piece = new Piece("", 0, PieceKind.Normal);
        for (var fields = new ProtobufFields(bytes, source); fields.Next();)
        {
            piece = fields.Number switch
            {
                1 => piece with { Text = Encoding.UTF8.GetString(fields.Bytes) },
                2 => piece with { Score = fields.Single },
                3 => piece with { Kind = (PieceKind)fields.Integer },
                _ => piece,
            };
        }

        return piece.Kind is >= PieceKind.Normal and <= PieceKind.Byte and not PieceKind.Unused
            ? piece
            : throw new ModelFormatException($"{source} marks the piece '{piece.Text}' as unused, which is not supported; remove it from "
                + "the vocabulary.");
    }

    private SentencePieceModel WithTrainerSettings(ReadOnlySpan<byte> bytes, string source)
    {
        var model = this;
        var kind = 1L;
        for (var fields = new ProtobufFields(bytes, source); fields.Next();)
        {
            switch (fields.Number)
            {
                case 3:
                    kind = fields.Integer;
                    break;
                case 24 when fields.Integer != 0:
                    throw new ModelFormatException($"{source} puts spaces behind words (treat_whitespace_as_suffix), which is not "
                        + "supported; use a model that puts them before.");
                case 35:
                    model = model with { ByteFallback = fields.Integer != 0 };
                    break;
                case 41:
                    model = model with { BosId = (int)fields.Integer };
                    break;
                case 42:
                    model = model with { EosId = (int)fields.Integer };
                    break;
            }
        }

        var name = kind switch { 1 => "unigram", 3 => "word", 4 => "character", _ => "unknown" };
        return kind == BytePairEncoding
            ? model
            : throw new ModelFormatException($"{source} is a SentencePiece {name} model; only byte-pair encoding (model_type=bpe), as "
                + "LLaMA uses it, is supported.");
    }

    private SentencePieceModel WithNormalizerSettings(ReadOnlySpan<byte> bytes, string source)
    {
        var model = this;
        for (var fields = new ProtobufFields(bytes, source); fields.Next();)
        {
            switch (fields.Number)
            {
                case 2 when !fields.Bytes.IsEmpty:
                    throw new ModelFormatException($"{source} normalises characters, which is not supported; only models with "
                        + "normalization_rule_name=identity, such as LLaMA's, are.");
                case 3:
                    model = model with { AddDummyPrefix = fields.Integer != 0 };
                    break;
                case 4:
                    model = model with { RemoveExtraWhitespaces = fields.Integer != 0 };
                    break;
                case 5:
                    model = model with { EscapeWhitespaces = fields.Integer != 0 };
                    break;
            }
        }

        return model;
    }
}
