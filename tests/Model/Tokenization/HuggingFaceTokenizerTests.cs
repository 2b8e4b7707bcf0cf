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
        var tokenizer = OpenJson(Characters(
            """{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}""", normalizer: null));
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
    public void Nothing_can_be_put_before_a_text()
    {
        var json = ByteLevel();
        json["normalizer"] = JsonNode.Parse("""{"type":"Prepend","prepend":""}""");
        Assert.Equal([65], OpenJson(json, ("tokenizer_config.json", EndsWithEos)).Encode("A"));
    }

    [Fact]
    public void A_text_in_parts_is_composed_without_the_runtimes_tables()
    {
        var json = ByteLevel();
        json["normalizer"] = JsonNode.Parse("""{"type":"NFC"}""");
        var tokenizer = OpenJson(json, ("tokenizer_config.json", EndsWithEos));
        Assert.Equal([0xC3, 0xA9], tokenizer.Encode("\u00e9"));
        Assert.Equal([0xC3, 0xA9], tokenizer.Encode("e\u0301"));
    }

    [Fact]
    public void Added_text_is_found_in_a_text_and_special_tokens_are_not()
    {
        var json = ByteLevel();
        json["added_tokens"] = JsonNode.Parse("""
            [{"id":256,"content":"<eos>","special":true},{"id":257,"content":"    ","special":false},
             {"id":258,"content":"<tool>","special":false},{"id":259,"content":"        ","special":false}]
            """);
        var tokenizer = OpenJson(json, ("tokenizer_config.json", EndsWithEos));
        Assert.Equal(['a', 259, 257, ' ', 'b'], tokenizer.Encode("a" + new string(' ', 13) + "b"));
        Assert.Equal([258, .. "<eos>".Select(c => (int)c)], tokenizer.Encode("<tool><eos>"));
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

    [Fact]
    public void Special_tokens_are_found_in_a_laid_out_text_but_not_where_it_is_a_message()
    {
        var tokenizer = OpenJson(WithAdded("""{"id":257,"content":"<eos><eos>","special":true}"""), ("tokenizer_config.json", EndsWithEos));
        Assert.Equal(['a', 256, 'b', 257], tokenizer.EncodeMarked("a<eos>b<eos><eos>", []));
        Assert.Equal([256, .. "<eos>".Select(c => (int)c), 256], tokenizer.EncodeMarked("<eos><eos><eos>", [new TextSpan(5, 5)]));
        Assert.Equal([.. "<eos>".Select(c => (int)c)], tokenizer.EncodeMarked("<eos>", [new TextSpan(4, 1)]));
        Assert.Equal([257], tokenizer.EncodeMarked("<eos><eos>", [new TextSpan(5, 0)])); // an empty message touches nothing
        Assert.Equal("<eos>", tokenizer.NameOfSpecial(256));
        Assert.Null(tokenizer.NameOfSpecial(65));
    }

    [Fact]
    public void A_special_token_of_the_normalized_text_is_none_in_a_message_either()
    {
        var json = WithAdded("""{"id":257,"content":"<END>","special":true,"normalized":true}""");
        json["normalizer"] = JsonNode.Parse("""{"type":"Lowercase"}""");
        var tokenizer = OpenJson(json, ("tokenizer_config.json", EndsWithEos));
        Assert.Equal(['a', 257, .. "<end>".Select(c => (int)c)], tokenizer.EncodeMarked("A<End><END>", [new TextSpan(6, 5)]));
        Assert.Equal("<end>".Select(c => (int)c), tokenizer.Encode("<END>"));
    }

    [Fact]
    public void Settings_beside_the_file_say_what_its_added_tokens_are_like()
    {
        var json = WithAdded("""{"id":257,"content":"<a>","special":false},{"id":258,"content":"<b>","special":false},{"id":259,"content":"<c>","special":false}""");
        var tokenizer = OpenJson(json, ("tokenizer_config.json", """
            {"eos_token":"<eos>","additional_special_tokens":["<b>"],"added_tokens_decoder":{"257":{"content":"<a>","special":true,"rstrip":true},"300":{"content":"<d>"}}}
            """));
        Assert.Equal([.. "<a><b>".Select(c => (int)c), 259, 300], tokenizer.Encode("<a><b><c><d>"));
        Assert.Equal([257, 258], tokenizer.EncodeMarked("<a>  <b>", []));
        Assert.Equal("<c><d>", tokenizer.Decode([257, 258, 259, 300]));
        Assert.Equal(301, tokenizer.VocabularySize);
    }

    [Theory]
    [InlineData("""{"eos_token":"<eos>","bos_token":"<s>"}""", Begins, "257")]
    [InlineData("""{"eos_token":"<eos>","bos_token":"<s>","add_bos_token":false}""", Begins, "")]
    [InlineData("""{"eos_token":"<eos>","bos_token":"<s>","add_bos_token":true}""", null, "257")]
    [InlineData("""{"eos_token":"<eos>","bos_token":"<s>"}""", """{"type":"ByteLevel","trim_offsets":true}""", "")]
    [InlineData("""{"eos_token":"<eos>","bos_token":"<s>"}""", null, "")]
    [InlineData("""{"eos_token":"<eos>","bos_token":"<s>","tokenizer_class":"GPT2Tokenizer","add_bos_token":false}""", null, "")]
    [InlineData("""{"eos_token":"<eos>","bos_token":"<s>","tokenizer_class":"LlamaTokenizer"}""", null, "257")]
    [InlineData("""{"eos_token":"<eos>","bos_token":"<s>"}""", """{"type":"RobertaProcessing","sep":["<eos>",256],"cls":["<s>",257],"trim_offsets":true,"add_prefix_space":true}""", "257")]
    [InlineData("""{"eos_token":"<eos>","bos_token":"<s>"}""", """{"type":"Sequence","processors":[{"type":"ByteLevel","trim_offsets":true},""" + Begins + "]}", "257")]
    public void A_plain_text_begins_as_the_tokenizers_own_rules_say(string settings, string? rules, string start)
    {
        var json = WithAdded("""{"id":257,"content":"<s>","special":true}""");
        json["post_processor"] = rules is null ? null : JsonNode.Parse(rules);
        var tokenizer = OpenJson(json, ("tokenizer_config.json", settings));
        Assert.Equal(start, string.Join(' ', tokenizer.StartIds));
        Assert.Equal(257, tokenizer.BosId);
    }

    [Fact]
    public void The_decoder_says_whether_a_first_space_is_the_texts_own()
    {
        var json = Characters("null", normalizer: null);
        json["decoder"] = JsonNode.Parse("""{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"Fuse"}]}""");
        Assert.Equal(" a", OpenJson(json).Decode([1, 3, 4]));
        json["decoder"] = JsonNode.Parse("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}""");
        Assert.Equal("a", OpenJson(json).Decode([1, 3, 4]));
    }

    [Fact]
    public void Of_two_forms_of_one_vocabulary_the_newer_is_read_and_an_older_of_another_kind_does_no_harm()
    {
        var json = ByteLevel();
        var tokenizer = OpenJson(json, ("tokenizer_config.json", EndsWithEos), ("tokenizer.model", "AA== 0\nAQ== 1\n"));
        Assert.Equal([65], tokenizer.Encode("A"));
    }

    [Fact]
    public void The_identity_of_a_folders_tokenizer_changes_with_what_its_config_says_of_start_and_end_alone() => InFolder(folder =>
    {
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), ByteLevel().ToJsonString());
        string HashWith(string config)
        {
            File.WriteAllText(Path.Combine(folder, "config.json"), config);
            return TokenizerFolder.Hash(folder);
        }

        var hash = HashWith("""{"bos_token_id":1,"eos_token_id":[2,3],"hidden_size":4}""");
        Assert.Equal(hash, HashWith("""{"hidden_size":8,"bos_token_id":1,"eos_token_id":[2,3]}"""));
        Assert.NotEqual(hash, HashWith("""{"bos_token_id":5,"eos_token_id":[2,3]}"""));
        Assert.NotEqual(hash, HashWith("""{"bos_token_id":1,"eos_token_id":2}"""));
        return 0;
    });

    private const string Begins = """
        {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"<eos>","type_id":0}}],
         "pair":[],"special_tokens":{"<s>":{"id":"<s>","ids":[257],"tokens":["<s>"]},"<eos>":{"id":"<eos>","ids":[256],"tokens":["<eos>"]}}}
        """;

    private static JsonObject WithAdded(string tokens)
    {
        var json = ByteLevel();
        json["added_tokens"] = JsonNode.Parse($$"""[{"id":256,"content":"<eos>","special":true},{{tokens}}]""");
        return json;
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
