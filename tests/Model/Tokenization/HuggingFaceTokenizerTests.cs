using System.Text.Json.Nodes;
using Orca.Model.Tokenization;
using static Orca.Model.Tests.Tokenization.TinyTokenizers;

namespace Orca.Model.Tests.Tokenization;

public class HuggingFaceTokenizerTests
{
    private const string Llama3Split = """
        {"type":"Sequence","pretokenizers":[
          {"type":"Split","behavior":"Isolated","invert":false,"pattern":{"Regex":"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"}},
          {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]}
        """;

    [Theory]
    [InlineData("gpt2", "gpt-2")]
    [InlineData("llama-json", "llama-spm")]
    [InlineData("llama2c", "llama-spm")]
    [InlineData("llama", "llama-spm")]
    public void A_vocabulary_gives_all_47_vectors_and_decodes_them(string name, string vectorsOf)
    {
        var tokenizer = RealTokenizers.Named(name);
        var vectors = TokenizerVectors.OfGgml(vectorsOf);
        Assert.Equal(47, vectors.Count);
        Assert.All(vectors, vector =>
        {
            Assert.Equal(vector.Ids, tokenizer.Encode(vector.Text));
            Assert.Equal(vector.Text, tokenizer.Decode(vector.Ids));
        });
    }

    [Fact]
    public void Gpt2_tells_its_start_and_end_and_saves_its_files()
    {
        var gpt2 = RealTokenizers.Gpt2;
        Assert.Equal((50_256, 50_256, 50_257), (gpt2.BosId, gpt2.EosId, gpt2.VocabularySize));
        Assert.Equal(50_256, gpt2.FindSpecial("<|endoftext|>"));
        Assert.DoesNotContain(50_256, gpt2.Encode("<|endoftext|>"));
        var again = InFolder(folder =>
        {
            gpt2.Save(folder);
            return TokenizerFolder.Open(folder);
        });
        Assert.Equal(gpt2.Encode("Hello, wörld"), again.Encode("Hello, wörld"));
        Assert.Equal((gpt2.BosId, gpt2.EosId), (again.BosId, again.EosId));
    }

    [Theory]
    [InlineData("12345 is", "123|45|\u0120is")]
    [InlineData("DON'T go", "DON|'T|\u0120go")]
    [InlineData("a\r\n\r\nb  c", "a|\u010d\u010a\u010d\u010a|b|\u0120|\u0120c")]
    [InlineData("\ud840\udc00\u4e16 \ud835\udfd8\ud835\udfd8\ud835\udfd8\ud835\udfd8", "L2|\u0120|N3|N1")]
    public void Llama3_pattern_cuts_words_before_they_merge(string text, string words)
    {
        // Every word that is expected is a piece, and ignore_merges takes pieces whole: so one id is one word.
        var json = ByteLevel(Llama3Split);
        json["model"]!["ignore_merges"] = true;
        var pieces = words.Split('|').Select(word => word switch
        {
            "L2" => "\u00f0\u0142\u0122\u0122\u00e4\u00b8\u0138",
            "N3" => string.Concat(Enumerable.Repeat("\u00f0\u013f\u0141\u013a", 3)),
            "N1" => "\u00f0\u013f\u0141\u013a",
            _ => word,
        }).ToList();
        foreach (var (index, piece) in pieces.Where(piece => piece.Length > 1).Index())
        {
            json["model"]!["vocab"]![piece] = 1000 + index;
        }

        var tokenizer = OpenJson(json, ("tokenizer_config.json", EndsWithEos));
        Assert.Equal(pieces.Count, tokenizer.Encode(text).Length);
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
    }

    [Fact]
    public void Metaspace_begins_every_word_with_its_space()
    {
        var tokenizer = OpenJson(Characters("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}""", normalizer: null));
        Assert.Equal([3, 4, 3, 3, 4], tokenizer.Encode("a  a")); // ▁▁ is a piece, but every ▁ begins a word
        Assert.Equal("a  a", tokenizer.Decode([3, 4, 3, 3, 4]));
    }

    [Fact]
    public void Prepend_and_replace_leave_the_text_whole()
    {
        var tokenizer = OpenJson(Characters("null", """{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}"""));
        Assert.Equal([3, 4, 5, 4], tokenizer.Encode("a  a"));
        Assert.Equal("a  a", tokenizer.Decode([3, 4, 5, 4]));
        Assert.Equal([3, 0, 0], tokenizer.Encode("zz")); // unknown characters are not fused
    }

    [Fact]
    public void Composed_text_passes_a_normalizer_of_composition()
    {
        var json = ByteLevel();
        json["normalizer"] = JsonNode.Parse("""{"type":"NFC"}""");
        var tokenizer = OpenJson(json, ("tokenizer_config.json", EndsWithEos));
        Assert.Equal([0xC3, 0xA9], tokenizer.Encode("\u00e9"));
    }

    [Fact]
    public void Added_text_is_found_in_a_text_and_added_signs_are_not()
    {
        var json = ByteLevel();
        json["added_tokens"] = JsonNode.Parse("""
            [{"id":256,"content":"<eos>","special":true},{"id":257,"content":"    ","special":false},
             {"id":258,"content":"<tool>","special":false},{"id":259,"content":"        ","special":false}]
            """);
        var tokenizer = OpenJson(json, ("tokenizer_config.json", EndsWithEos));
        Assert.Equal(['a', 259, 257, ' ', 'b'], tokenizer.Encode("a" + new string(' ', 13) + "b"));
        Assert.Equal("<tool><eos>".Select(c => (int)c), tokenizer.Encode("<tool><eos>"));
        Assert.Equal((256, 258), (tokenizer.FindSpecial("<eos>"), tokenizer.FindSpecial("<tool>")));
        Assert.Equal("    <tool>", tokenizer.Decode([256, 257, 258]));
    }

    [Theory]
    [InlineData("""{"bos_token":null,"eos_token":"<eos>"}""", """{"bos_token_id":65}""", null, 256)]
    [InlineData("""{"bos_token":{"content":"<eos>"},"eos_token":"<eos>"}""", "{}", 256, 256)]
    [InlineData("{}", """{"bos_token_id":65,"eos_token_id":[66,67]}""", 65, 66)]
    public void Start_and_end_come_from_the_files_beside(string tokenizerConfig, string generationConfig, int? start, int end)
    {
        var tokenizer = OpenJson(ByteLevel(), ("tokenizer_config.json", tokenizerConfig), ("generation_config.json", generationConfig));
        Assert.Equal((start, end), (tokenizer.BosId, tokenizer.EosId));
    }

    private static JsonObject Characters(string preTokenizer, string? normalizer) => new()
    {
        ["added_tokens"] = JsonNode.Parse("""[{"id":1,"content":"<s>","special":true},{"id":2,"content":"</s>","special":true}]"""),
        ["normalizer"] = normalizer is null ? null : JsonNode.Parse(normalizer),
        ["pre_tokenizer"] = JsonNode.Parse(preTokenizer),
        ["model"] = JsonNode.Parse("""
            {"type":"BPE","unk_token":"<unk>","vocab":{"<unk>":0,"<s>":1,"</s>":2,"▁":3,"a":4,"▁▁":5},"merges":[["▁","▁"]]}
            """),
    };
}
