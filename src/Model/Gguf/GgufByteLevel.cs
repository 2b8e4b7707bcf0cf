using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orca.Model.Tokenization;

namespace Orca.Model.Gguf;

/// <summary>
/// Makes the byte-level tokenizer that a GGUF file's metadata describes, by writing its vocabulary as a <c>tokenizer.json</c>.
/// How a text is cut into words stands in the file by name only.
/// </summary>
internal static class GgufByteLevel
{
    private const string Prefix = "tokenizer.ggml.";

    // LLaMA 3's words, in the form of its own code.
    private const string Llama3Words =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>The tokenizer of these pieces.</summary>
    /// <exception cref="ModelFormatException">Something is missing, malformed or of a kind that is not supported.</exception>
    public static ITokenizer Read(GgufFile file, ImmutableArray<Piece> pieces)
    {
        var metadata = file.Metadata;
        var words = metadata.Text(Prefix + "pre") ?? throw metadata.Fault(Prefix + "pre", "is missing; convert the model again");
        var isLlama3 = words is "llama3" or "llama-v3" or "llama-bpe";
        var tokenizer = new JsonObject
        {
            ["added_tokens"] = new JsonArray([.. pieces.Index().Where(piece => piece.Item.Kind != PieceKind.Normal).Select(piece => Added(piece.Item, piece.Index))]),
            ["pre_tokenizer"] = Words(file, words, isLlama3),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["ignore_merges"] = isLlama3,
                ["vocab"] = Vocabulary(file, pieces),
                ["merges"] = new JsonArray([.. (metadata.Texts(Prefix + "merges") ?? throw metadata.Fault(Prefix + "merges", "is missing")).Select(merge => (JsonNode)merge)]),
            },
        };
        return HuggingFaceTokenizerFile.Parse(JsonSerializer.SerializeToUtf8Bytes(tokenizer), file.Source, Settings(file, pieces, isLlama3));
    }

    private static JsonNode Added(Piece piece, int id) => new JsonObject
    {
        ["id"] = id,
        ["content"] = piece.Text,
        ["special"] = piece.Kind != PieceKind.UserDefined,
    };

    private static JsonObject Vocabulary(GgufFile file, ImmutableArray<Piece> pieces)
    {
        var vocabulary = new JsonObject();
        foreach (var (id, piece) in pieces.Index())
        {
            if (!vocabulary.TryAdd(piece.Text, id))
            {
                throw file.Metadata.Fault(Prefix + "tokens", $"has {GgufFile.Quoted(piece.Text)} twice");
            }
        }

        return vocabulary;
    }

    private static JsonObject Words(GgufFile file, string name, bool isLlama3) => name switch
    {
        _ when isLlama3 => Sequence(
            new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = Llama3Words }, ["behavior"] = "Isolated" },
            ByteLevel(usesRegex: false)),
        "gpt-2" => ByteLevel(usesRegex: true),
        "smollm" => Sequence(new JsonObject { ["type"] = "Digits", ["individual_digits"] = true }, ByteLevel(usesRegex: true)),
        _ => throw file.Metadata.Fault(Prefix + "pre", $"is {GgufFile.Quoted(name)}; supported are llama-bpe, gpt-2 and smollm"),
    };

    private static JsonObject Sequence(params JsonNode[] steps) => new() { ["type"] = "Sequence", ["pretokenizers"] = new JsonArray(steps) };

    private static JsonObject ByteLevel(bool usesRegex) => new() { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = usesRegex };

    private static TokenizerSettings Settings(GgufFile file, ImmutableArray<Piece> pieces, bool isLlama3)
    {
        var begins = file.Metadata.Flag(Prefix + "add_bos_token") ?? isLlama3;
        var settings = new JsonObject
        {
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
            ["bos_token"] = begins ? Name("bos") : null,
        };
        if (Name("eos") is { } end)
        {
            settings["eos_token"] = end;
        }

        return TokenizerSettings.Of(JsonSerializer.SerializeToUtf8Bytes(settings), file.Source);

        string? Name(string token) => file.Metadata.Integer($"{Prefix}{token}_token_id") is { } id && id >= 0 && id < pieces.Length
            ? pieces[(int)id].Text
            : null;
    }
}
