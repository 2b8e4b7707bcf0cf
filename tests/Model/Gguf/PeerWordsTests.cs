using System.Globalization;
using Orca.Model.Gguf;
using Orca.Model.Network;
using Orca.Model.Tests.Tokenization;
using Orca.Model.Tokenization;
using Orca.Model.Weights;

namespace Orca.Model.Tests.Gguf;

/// <summary>
/// Each way to cut texts that a GGUF file can name, in llama.cpp and here: the same ids of a vocabulary in which nearly any two
/// neighbours merge. Skips where llama.cpp is absent.
/// </summary>
public sealed class PeerWordsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Names => [.. GgufWords.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Texts_are_cut_into_the_same_words(string name)
    {
        var peer = LlamaCpp.Require(folder);
        var model = Write(name);
        using var file = GgufFile.Open(model);
        var tokenizer = GgufTokenizer.Read(file);
        var texts = PairVocabulary.Samples.Concat(Drawn()).Where(text => text.Length > 0 && !IsCutOtherwise(name, text)).ToList();
        Assert.InRange(texts.Count, 100, 1_000);

        foreach (var (text, wanted) in texts.Zip(peer.Tokenize(model, texts)))
        {
            var ids = tokenizer.EncodeMarked(text, [new TextSpan(0, text.Length)]);
            Assert.True(ids.SequenceEqual(wanted), $"{name}: '{text}' gives {Shown(tokenizer, ids)}, not {Shown(tokenizer, wanted)}");
        }
    }

    public void Dispose() => folder.Dispose();

    // Where llama.cpp is known to part from the tokenizers that the models were trained with, those are right: it writes tekken's pattern
    // without marks and with ASCII's case alone, and hides white space beyond ASCII from the range of deepseek-coder that holds it.
    private static bool IsCutOtherwise(string name, string text) => name switch
    {
        "tekken" => text.Any(letter => letter > 127 && (char.IsLower(letter) || char.IsUpper(letter)
            || char.GetUnicodeCategory(letter) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
                or UnicodeCategory.TitlecaseLetter)),
        "deepseek-coder" => text.Any(letter => letter > 127 && char.IsWhiteSpace(letter)),
        _ => false,
    };

    // Characters of every kind that a pattern tells apart, in any order.
    private static IEnumerable<string> Drawn()
    {
        string[] parts = ["a", "B", "é", "漢", "か", "カ", "한", "ß", "1", "23", "4567", "½", "٣", " ", "  ", "\n", "\r\n", "\t", "'s", "'LL",
            "'", ".", "!?", "$", "+", "_", "/", "🦙", "\u0301", "ǅ", "\u00a0", "\u3000", "-", "(",
            "<",
            "世界"];
        var random = new Random(11);
        return Enumerable.Range(0, 400)
            .Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => parts[random.Next(parts.Length)])));
    }

    private static string Shown(ITokenizer tokenizer, IEnumerable<int> ids) => string.Join('|', ids.Select(id => tokenizer.Decode([id])));

    private string Write(string pre)
    {
        var json = PairVocabulary.OfBytes("null")["model"]!;
        var pieces = json["vocab"]!.AsObject().Select(piece => piece.Key).ToList();
        var config = TinyGguf.Config with { VocabularySize = pieces.Count };
        return TinyGguf.Write(folder["words.gguf"], writer =>
        {
            writer.Add("general.architecture", "llama");
            writer.Add("llama.context_length", 32u);
            writer.Add("llama.embedding_length", (uint)config.HiddenSize);
            writer.Add("llama.feed_forward_length", (uint)config.IntermediateSize);
            writer.Add("llama.block_count", (uint)config.Layers);
            writer.Add("llama.attention.head_count", (uint)config.Heads);
            writer.Add("llama.attention.head_count_kv", (uint)config.KvHeads);
            writer.Add("llama.attention.layer_norm_rms_epsilon", 1e-5f);
            writer.Add("tokenizer.ggml.model", "gpt2");
            writer.Add("tokenizer.ggml.pre", pre);
            writer.Add("tokenizer.ggml.tokens", pieces);
            writer.Add("tokenizer.ggml.token_type", [.. pieces.Select((_, id) => id < 3 ? 3 : 1)]);
            writer.Add("tokenizer.ggml.merges", [.. json["merges"]!.AsArray().Select(merge => $"{merge![0]} {merge[1]}")]);
            writer.Add("tokenizer.ggml.bos_token_id", 1u);
            writer.Add("tokenizer.ggml.eos_token_id", 2u);
            foreach (var shape in LlamaParameters.ShapesOf(config))
            {
                writer.AddTensor(GgufNames.Of(shape.Name), WeightEncoding.F32, shape.Shape, (_, to) => to.Fill(1));
            }
        });
    }
}
