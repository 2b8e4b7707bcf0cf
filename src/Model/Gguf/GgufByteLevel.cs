using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orca.Model.Tokenization;

namespace Orca.Model.Gguf;

/// <summary>
/// Makes the byte-level tokenizer that a GGUF file's metadata describes, by writing its vocabulary as a <c>tokenizer.json</c>.
/// How a text is cut into words stands in the file by name only, see <see cref="GgufWords"/>.
/// </summary>
internal static class GgufByteLevel
{
    private const string Prefix = "tokenizer.ggml.";

    /// <summary>The tokenizer of these pieces.</summary>
    /// <exception cref="ModelFormatException">Something is missing, malformed or of a kind that is not supported.</exception>
    public static ITokenizer Read(GgufFile file, ImmutableArray<Piece> pieces)
    {
        var metadata = file.Metadata;
        var name = metadata.Text(Prefix + "pre") ?? throw metadata.Fault(Prefix + "pre", "is missing; convert the model again");
        var words = GgufWords.Named(name)
            ?? throw metadata.Fault(
                Prefix + "pre",
                $"is {GgufFile.Quoted(name)}, whose way to cut words is not known; known are {string.Join(", ", GgufWords.Names)}");
        var tokenizer = new JsonObject
        {
            ["added_tokens"] = new JsonArray([.. pieces.Index()
                .Where(piece => piece.Item.Kind != PieceKind.Normal && piece.Item.Text.Length > 0).Select(piece => Added(piece.Item, piece.Index))]),
            ["pre_tokenizer"] = words.ToJson(),
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["ignore_merges"] = words.TakesWholeWords,
                ["vocab"] = Vocabulary(pieces),
                ["merges"] = new JsonArray([.. (metadata.Texts(Prefix + "merges") ?? throw metadata.Fault(Prefix + "merges", "is missing")).Select(merge => (JsonNode)merge)]),
            },
        };
        return HuggingFaceTokenizerFile.Parse(
            JsonSerializer.SerializeToUtf8Bytes(tokenizer), file.Source, Settings(file, pieces, words.AddsStart));
    }

    private static JsonNode Added(Piece piece, int id) => new JsonObject
    {
        ["id"] = id,
        ["content"] = piece.Text,
        ["special"] = piece.Kind != PieceKind.UserDefined,
        ["normalized"] = false,
    };

    // Of several pieces with one text the last is read from texts.
    private static JsonObject Vocabulary(ImmutableArray<Piece> pieces)
    {
        var vocabulary = new JsonObject();
        foreach (var (id, piece) in pieces.Index().Where(piece => piece.Item.Kind == PieceKind.Normal && piece.Item.Text.Length > 0))
        {
            vocabulary[piece.Text] = id;
        }

        return vocabulary;
    }

    private static TokenizerSettings Settings(GgufFile file, ImmutableArray<Piece> pieces, bool addsStart)
    {
        var settings = new JsonObject
        {
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
            ["bos_token"] = Name("bos"),
            ["add_bos_token"] = file.Metadata.Flag(Prefix + "add_bos_token") ?? addsStart,
        };
        if (Name("eos") is { } end)
        {
            settings["eos_token"] = end;
        }

        return TokenizerSettings.Of(JsonSerializer.SerializeToUtf8Bytes(settings), file.Source);

        string? Name(string task) => GgufTokenizer.TokenId(file.Metadata, task, pieces.Length) is { } id ? pieces[id].Text : null;
    }
}
