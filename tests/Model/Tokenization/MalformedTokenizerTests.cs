using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orca.Model.Embedded;
using Orca.Model.Tokenization;
using Orca.Model.Tokenization.Unicode;

namespace Orca.Model.Tests.Tokenization;

public class MalformedTokenizerTests
{
    private static readonly byte[] Embedded = EmbeddedModel();

    [Fact]
    public void A_folder_without_a_tokenizer_says_which_files_it_wants() => TinyTokenizers.InFolder(folder =>
    {
        var fault = Assert.Throws<ModelFormatException>(() => TokenizerFolder.Open(folder));
        Assert.Equal($"'{folder}' holds no tokenizer; put its tokenizer.json, tokenizer.model or tokenizer.bin there.", fault.Message);
        Assert.Throws<ModelFormatException>(() => TokenizerFolder.OpenFile(Path.Combine(folder, "absent.bin")));
        return 0;
    });

    [Fact]
    public void A_SentencePiece_model_cut_anywhere_is_refused()
    {
        var model = TinySentencePiece.With(("ab", -1, TinySentencePiece.Normal)).ToBytes();
        for (var length = 0; length < model.Length - 3; length++)
        {
            var cut = model[..length];
            Assert.Throws<ModelFormatException>(() => TokenizerFolder.FromSentencePiece(cut, "a cut model"));
        }
    }

    [Fact]
    public void Damaged_models_are_refused_or_encode_still()
    {
        var random = new Random(4);
        var refused = 0;
        for (var round = 0; round < 150; round++)
        {
            var damaged = Embedded.ToArray();
            for (var i = 0; i < 1 + (round % 4); i++)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                var tokenizer = TokenizerFolder.FromSentencePiece(damaged, "a damaged model");
                tokenizer.Decode(tokenizer.Encode("Some text 12 \ud83e\udd99\n"));
            }
            catch (ModelFormatException)
            {
                refused++;
            }
        }

        Assert.NotEqual(0, refused);
    }

    [Theory]
    [InlineData(1, "unigram")]
    [InlineData(3, "word")]
    [InlineData(4, "character")]
    public void Other_kinds_of_SentencePiece_are_named(int type, string name) =>
        AssertRefused(TinySentencePiece.With() with { ModelType = type }, name);

    [Fact]
    public void What_a_SentencePiece_model_states_and_is_not_supported_is_named()
    {
        AssertRefused(TinySentencePiece.With() with { CharactersMap = "nfkc" }, "normalization_rule_name=identity");
        AssertRefused(TinySentencePiece.With() with { EosId = -1 }, "eos_id");
        AssertRefused(TinySentencePiece.With() with { ByteFallback = true }, "256");
        AssertRefused(TinySentencePiece.With(("x", 0, TinySentencePiece.Unused)), "'x'");
        AssertRefused(TinySentencePiece.With(("<0xZZ>", 0, TinySentencePiece.Byte)), "<0xZZ>");
    }

    [Fact]
    public void A_cut_llama2c_vocabulary_is_refused()
    {
        var ends = new List<long>();
        using var stream = new MemoryStream();
        using (var file = new BinaryWriter(stream))
        {
            file.Write(8);
            for (var id = 0; id < 300; id++)
            {
                var text = Encoding.UTF8.GetBytes(id is >= 3 and < 259 ? $"<0x{id - 3:X2}>" : $"p{id}");
                file.Write((float)-id);
                file.Write(text.Length);
                file.Write(text);
                ends.Add(stream.Position);
            }
        }

        var whole = stream.ToArray();
        TinyTokenizers.InFolder(folder =>
        {
            var path = Path.Combine(folder, "tokenizer.bin");
            File.WriteAllBytes(path, whole);
            Assert.Equal(300, TokenizerFolder.Open(folder).VocabularySize);
            for (var length = 0; length < whole.Length; length += length < 3_700 ? 37 : 1)
            {
                if (length != whole.Length)
                {
                    File.WriteAllBytes(path, whole[..length]);
                    var fault = Record.Exception(() => TokenizerFolder.Open(folder));
                    // A file that ends with a piece is whole as far as it can tell.
                    Assert.True(fault is ModelFormatException || (fault is null && ends.IndexOf(length) >= 259), $"{length}: {fault}");
                }
            }

            return 0;
        });
    }

    [Theory]
    [InlineData("model.type", "\"Unigram\"", "'Unigram'")]
    [InlineData("model.type", "\"WordPiece\"", "'WordPiece'")]
    [InlineData("model.dropout", "0.1", "dropout")]
    [InlineData("model.continuing_subword_prefix", "\"##\"", "continuing_subword_prefix")]
    [InlineData("model.end_of_word_suffix", "\"</w>\"", "end_of_word_suffix")]
    [InlineData("model.merges", "[\"a\"]", "the merge \"a\" where two parts are needed")]
    [InlineData("model.merges", "[[\"a\"]]", "the merge [\"a\"] where two parts are needed")]
    [InlineData("model.merges", "[\"\"]", "where two parts are needed")]
    [InlineData("model.merges", "[[\"zz\",\"y\"]]", "'zz' is not in its vocabulary")]
    [InlineData("model.merges", "{}", "'merges' that is an object where a list is needed")]
    [InlineData("model.vocab", "{}", "empty vocabulary")]
    [InlineData("model.vocab", "{\"a\":-1}", "the id -1")]
    [InlineData("model.vocab", "{\"a\":\"x\"}", "'a' that is a text where a whole number is needed")]
    [InlineData("model.vocab", "{\"a\":0}", "no piece for the byte 0x00")]
    [InlineData("normalizer", "{\"type\":\"BertNormalizer\"}", "normalizer 'BertNormalizer'")]
    [InlineData("normalizer", "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"Nmt\"}]}", "normalizer 'Nmt'")]
    [InlineData("normalizer", "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"AA==\"}", "normalizer 'Precompiled'")]
    [InlineData("normalizer", "{\"type\":\"Prepend\",\"prepend\":null}", "no member 'prepend'")]
    [InlineData("pre_tokenizer", "{\"type\":\"UnicodeScripts\"}", "pre-tokenizer 'UnicodeScripts'")]
    [InlineData("pre_tokenizer", "{\"type\":\"Split\",\"behavior\":\"MergedWithBoth\",\"pattern\":{\"String\":\" \"}}", "'MergedWithBoth'")]
    [InlineData("pre_tokenizer", "{\"type\":\"Split\",\"behavior\":\"Isolated\",\"pattern\":{\"Regex\":\"(\"}}", "leaves a group open")]
    [InlineData("pre_tokenizer", "{\"type\":\"Split\",\"behavior\":\"Isolated\",\"pattern\":{\"Regex\":\"\\\\p{Klingon}\"}}", "uses '\\p{Klingon}'")]
    [InlineData("pre_tokenizer", "{\"type\":\"Split\",\"behavior\":\"Isolated\",\"pattern\":{\"Regex\":\"a\\\\Kb\"}}", "uses '\\K'")]
    [InlineData("pre_tokenizer", "{\"type\":\"Split\",\"behavior\":\"Isolated\",\"pattern\":{\"Regex\":\"(a)\\\\1\"}}", "uses '\\1'")]
    [InlineData("pre_tokenizer", "{\"type\":\"Metaspace\",\"replacement\":\"_\"}", "replacement '_'")]
    [InlineData("pre_tokenizer", "{\"type\":\"Metaspace\",\"replacement\":\"\u2581\",\"prepend_scheme\":\"last\"}", "prepend_scheme 'last'")]
    [InlineData("post_processor", "{\"type\":\"Strange\"}", "post-processor 'Strange'")]
    [InlineData("post_processor", "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"<none>\"}}]}", "'<none>'")]
    [InlineData("decoder", "{\"type\":\"WordPiece\"}", "decoder 'WordPiece'")]
    [InlineData("added_tokens", "[{\"id\":99999999,\"content\":\"<x>\"}]", "beyond")]
    [InlineData("added_tokens", "[{\"id\":0}]", "no member 'content'")]
    public void What_a_tokenizer_json_states_and_is_not_supported_is_named(string member, string value, string named)
    {
        var json = TinyTokenizers.ByteLevel();
        var path = member.Split('.');
        (path.Length == 2 ? json[path[0]]! : json)[path[^1]] = JsonNode.Parse(value);
        var fault = Assert.Throws<ModelFormatException>(() => TinyTokenizers.OpenJson(
            json, ("tokenizer_config.json", TinyTokenizers.EndsWithEos)));
        Assert.Contains(named, fault.Message);
        AssertOneSentence(fault.Message);
    }

    [Theory]
    [InlineData("tokenizer.json", "{\"model\":")]
    [InlineData("tokenizer.json", "[]")]
    [InlineData("tokenizer.json", "{}")]
    [InlineData("tokenizer_config.json", "{\"eos_token\":7}")]
    [InlineData("added_tokens.json", "{\"x\":\"y\"}")]
    [InlineData("added_tokens.json", "[1]")]
    [InlineData("tokenizer_config.json", "[]")]
    [InlineData("tokenizer_config.json", "{\"added_tokens_decoder\":{\"x\":{\"content\":\"y\"}}}")]
    [InlineData("config.json", "{\"eos_token_id\":")]
    [InlineData("special_tokens_map.json", "not json")]
    public void Broken_JSON_names_its_file(string name, string text)
    {
        var fault = Assert.Throws<ModelFormatException>(() => TinyTokenizers.OpenJson(TinyTokenizers.ByteLevel(), (name, text)));
        Assert.Contains(name, fault.Message);
        AssertOneSentence(fault.Message);
    }

    [Fact]
    public void A_vocabulary_that_does_not_tell_its_end_is_refused()
    {
        var fault = Assert.Throws<ModelFormatException>(() => TinyTokenizers.OpenJson(TinyTokenizers.ByteLevel()));
        Assert.Contains("tokenizer_config.json", fault.Message);
    }

    [Theory]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer.model")]
    [InlineData("tokenizer.bin")]
    [InlineData("tokenizer_config.json")]
    public void A_pointer_of_git_lfs_in_the_place_of_a_file_is_told(string name) => TinyTokenizers.InFolder(folder =>
    {
        if (name == "tokenizer_config.json")
        {
            File.WriteAllText(Path.Combine(folder, "tokenizer.json"), TinyTokenizers.ByteLevel().ToJsonString());
        }

        File.WriteAllText(Path.Combine(folder, name), "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 499723\n");
        var fault = Assert.Throws<ModelFormatException>(() => TokenizerFolder.Open(folder));
        Assert.Equal(
            $"'{Path.Combine(folder, name)}' is a pointer of git-lfs to 499723 bytes, not the file itself; fetch it by 'git lfs pull' in "
                + "its folder.",
            fault.Message);
        return 0;
    });

    [Fact]
    public void A_vocabulary_of_tiktoken_alone_says_what_it_is_and_what_is_needed()
    {
        var file = Encoding.ASCII.GetBytes("AA== 0\nAQ== 1\n");
        var fault = Assert.Throws<ModelFormatException>(() => TokenizerFolder.FromSentencePiece(file, "'tokenizer.model'"));
        Assert.Equal(
            "'tokenizer.model' is a vocabulary of tiktoken, which does not say how texts are cut into words; put the model's "
                + "tokenizer.json beside it.",
            fault.Message);
    }

    [Fact]
    public void A_pattern_that_backtracks_without_end_holds_up_neither_a_load_nor_a_text()
    {
        var json = TinyTokenizers.ByteLevel("""{"type":"Sequence","pretokenizers":[{"type":"Split","behavior":"Isolated","pattern":{"Regex":"(a+)+$"}},{"type":"ByteLevel","add_prefix_space":false}]}""");
        var tokenizer = TinyTokenizers.OpenJson(json, ("tokenizer_config.json", TinyTokenizers.EndsWithEos));
        Assert.Equal(5_001, tokenizer.Encode(new string('a', 5_000) + "b").Length);
        json["pre_tokenizer"]!["pretokenizers"]![0]!["pattern"]!["Regex"] = "(a|aa)+(?!b)$";
        tokenizer = TinyTokenizers.OpenJson(json, ("tokenizer_config.json", TinyTokenizers.EndsWithEos));
        var fault = Assert.Throws<TextPatternException>(() => tokenizer.Encode(new string('a', 5_000) + "b"));
        Assert.Contains("takes too long on a text of 5001 characters", fault.Message);
    }

    [Fact]
    public void A_tokenizer_json_that_is_damaged_anywhere_is_refused_with_one_sentence_or_encodes_still()
    {
        string[] kinds = ["null", "true", "-1", "1e9", "\"\"", "\"a\"", "[]", "[[]]", "{}", "\"@half\"", "{\"type\":\"Split\"}",
            "[\"a\",\"b\",\"c\"]",
            "0.5"];
        JsonObject[] wholes =
        [
            PairVocabulary.OfCharacters(
                """{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}""",
                """{"type":"Sequence","normalizers":[{"type":"NFKC"},{"type":"Replace","pattern":{"Regex":"a+"},"content":"b"}]}"""),
            PairVocabulary.OfBytes("""{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"\\p{N}{1,3}|[^\\s\\p{L}]+"},"behavior":"Isolated","invert":false},{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}]}""", added: """[{"content":"<a>","lstrip":true}]"""),
        ];
        var random = new Random(8);
        var refused = 0;
        for (var round = 0; round < 3_000; round++)
        {
            var json = wholes[round % wholes.Length].DeepClone();
            for (var i = 0; i <= round % 3; i++)
            {
                Damage(json, kinds[random.Next(kinds.Length)], random);
            }

            try
            {
                var tokenizer = HuggingFaceTokenizerFile.Parse(
                    Encoding.UTF8.GetBytes(json.ToJsonString().Replace("@half", "\\ud800", StringComparison.Ordinal)), "'damaged'",
                    TokenizerSettings.Of("""{"eos_token":"</s>"}"""u8.ToArray(), "'settings'"));
                if (round % 8 == 0)
                {
                    tokenizer.Decode(tokenizer.EncodeMarked("<s>Some text 12 \ud83e\udd99\n<a>", []));
                }
            }
            catch (ModelFormatException fault)
            {
                AssertOneSentence(fault.Message);
                refused++;
            }
        }

        Assert.InRange(refused, 500, 2_990);
    }

    // Puts something else in the place of a member drawn by chance; large ones are gone into as often as small ones.
    private static void Damage(JsonNode json, string value, Random random)
    {
        var (parent, depth) = (json, random.Next(5));
        while (true)
        {
            var children = parent is JsonObject members ? members.Select(member => member.Value).ToList()
                : parent is JsonArray list ? [.. list]
                : [];
            if (children.Count == 0)
            {
                return;
            }

            var index = random.Next(children.Count);
            if (depth-- == 0 || children[index] is not (JsonObject or JsonArray))
            {
                Replace(parent, index, JsonNode.Parse(value));
                return;
            }

            parent = children[index]!;
        }
    }

    private static void Replace(JsonNode parent, int index, JsonNode? value)
    {
        if (parent is JsonArray list)
        {
            list[index] = value;
        }
        else
        {
            var members = parent.AsObject();
            members[members.ElementAt(index).Key] = value;
        }
    }

    private static void AssertRefused(TinySentencePiece model, string named)
    {
        var fault = Assert.Throws<ModelFormatException>(model.Open);
        Assert.Contains(named, fault.Message);
        AssertOneSentence(fault.Message);
    }

    private static void AssertOneSentence(string message)
    {
        Assert.EndsWith(".", message);
        Assert.DoesNotContain('\n', message);
    }

    private static byte[] EmbeddedModel() => TinyTokenizers.InFolder(folder =>
    {
        EmbeddedStudent.Tokenizer.Save(folder);
        return File.ReadAllBytes(Path.Combine(folder, "tokenizer.model"));
    });
}
