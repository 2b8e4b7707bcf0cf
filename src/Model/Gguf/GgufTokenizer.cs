using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orca.Model.Tokenization;

namespace Orca.Model.Gguf;

/// <summary>
/// Makes the tokenizer that a GGUF file's metadata describes: SentencePiece's byte-pair encoding ("llama"), or byte-level
/// byte-pair encoding ("gpt2").
/// </summary>
internal static class GgufTokenizer
{
    private const string Prefix = "tokenizer.ggml.";

    /// <summary>The file's tokenizer.</summary>
    /// <exception cref="ModelFormatException">It is missing, malformed or of a kind that is not supported.</exception>
    public static ITokenizer Read(GgufFile file)
    {
        var metadata = file.Metadata;
        var kind = metadata.Text(Prefix + "model") ?? throw metadata.Fault(Prefix + "model", "is missing; the file holds no tokenizer");
        return kind switch
        {
            "llama" => SentencePiece(file, Pieces(file)),
            "gpt2" => GgufByteLevel.Read(file, Pieces(file)),
            _ => throw metadata.Fault(
                Prefix + "model",
                $"is {GgufFile.Quoted(kind)}; supported are 'llama' (SentencePiece) and 'gpt2' (byte-level byte-pair encoding)"),
        };
    }

    /// <summary>The token of a task, such as <c>bos</c>; null where the file names none.</summary>
    /// <exception cref="ModelFormatException">There is no such token.</exception>
    internal static int? TokenId(GgufMetadata metadata, string task, int tokens)
    {
        var key = $"{Prefix}{task}_token_id";
        return metadata.Integer(key) is not { } id ? null
            : id >= 0 && id < tokens ? (int)id
            : throw metadata.Fault(key, FormattableString.Invariant($"is {id}; it must be below the number of tokens, {tokens}"));
    }

    private static ImmutableArray<Piece> Pieces(GgufFile file)
    {
        var metadata = file.Metadata;
        var texts = metadata.Texts(Prefix + "tokens") ?? throw metadata.Fault(Prefix + "tokens", "is missing");
        var scores = metadata.Reals(Prefix + "scores");
        var kinds = metadata.Integers(Prefix + "token_type");
        if (texts.Length == 0 || (scores?.Length ?? texts.Length) != texts.Length || (kinds?.Length ?? texts.Length) != texts.Length)
        {
            throw metadata.Fault(Prefix + "tokens", FormattableString.Invariant(
                $"has {texts.Length} tokens, but there are {scores?.Length ?? texts.Length} scores and {kinds?.Length ?? texts.Length} token types"));
        }

        return [.. texts.Select((text, id) => new Piece(text, scores?[id] ?? 0, KindOf(file, kinds?[id], text)))];
    }

    // A place that nothing stands at, or an empty text, is never read from a text, nor written into one: the same as a control token.
    private static PieceKind KindOf(GgufFile file, int? kind, string text) => kind switch
    {
        _ when text.Length == 0 => PieceKind.Control,
        null when SentencePieceEncoding.ByteOf(text) is not null => PieceKind.Byte,
        null => PieceKind.Normal,
        (int)PieceKind.Unused => PieceKind.Control,
        >= (int)PieceKind.Normal and <= (int)PieceKind.Byte => (PieceKind)kind,
        _ => throw file.Metadata.Fault(
            Prefix + "token_type", FormattableString.Invariant($"gives {GgufFile.Quoted(text)} the type {kind}; it must be from 1 to 6")),
    };

    private static SentencePieceTokenizer SentencePiece(GgufFile file, ImmutableArray<Piece> pieces)
    {
        var metadata = file.Metadata;
        // A file that says nothing means what llama.cpp assumes.
        var model = new SentencePieceModel
        {
            Pieces = pieces,
            ByteFallback = pieces.Any(piece => piece.Kind == PieceKind.Byte),
            BosId = TokenId(metadata, "bos", pieces.Length) ?? 1,
            EosId = TokenId(metadata, "eos", pieces.Length) ?? 2,
            AddDummyPrefix = metadata.Flag(Prefix + "add_space_prefix") ?? true,
            RemoveExtraWhitespaces = metadata.Flag(Prefix + "remove_extra_whitespaces") ?? false,
        };
        return new SentencePieceTokenizer(model, SentencePieceFile.Write(model), Settings(file, model), file.Source);
    }

    // User-defined tokens are found in a text before anything else, and what stands behind them begins with a space again, as in
    // llama.cpp: the same as tokens that are added beside a SentencePiece model.
    private static TokenizerSettings Settings(GgufFile file, SentencePieceModel model)
    {
        var added = new JsonObject();
        foreach (var (id, piece) in model.Pieces.Index().Where(piece => piece.Item.Kind == PieceKind.UserDefined && piece.Item.Text.Length > 0))
        {
            added[id.ToString(CultureInfo.InvariantCulture)] = new JsonObject
            {
                ["content"] = piece.Text,
                ["special"] = false,
                ["normalized"] = false,
            };
        }

        var settings = new JsonObject
        {
            ["tokenizer_class"] = "LlamaTokenizer",
            ["legacy"] = true,
            ["add_bos_token"] = file.Metadata.Flag(Prefix + "add_bos_token") ?? true,
        };
        AddName("bos_token", model.BosId);
        AddName("eos_token", model.EosId);
        settings["added_tokens_decoder"] = added;
        return TokenizerSettings.Of(JsonSerializer.SerializeToUtf8Bytes(settings), file.Source);

        void AddName(string member, int id)
        {
            // A text that stands twice does not tell which of the two it is: then the model's own ids do.
            if (id >= 0 && id < model.Pieces.Length && model.Pieces[id] is { Kind: PieceKind.Control } token && model.Pieces.Count(piece => piece.Text == token.Text) == 1)
            {
                settings[member] = token.Text;
            }
        }
    }
}
