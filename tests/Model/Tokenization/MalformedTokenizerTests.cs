using System.Text;
using System.Text.Json.Nodes;
using Orca.Model.Embedded;
using Orca.Model.Tokenization;

namespace Orca.Model.Tests.Tokenization;

public class MalformedTokenizerTests
{
    private static readonly byte[] Embedded = EmbeddedModel();

    [Fact]
    public void A_folder_without_a_tokenizer_says_which_files_it_wants() => TinyTokenizers.InFolder(folder =>
    {
        var fault = Assert.Throws<ModelFormatException>(() => TokenizerFolder.Open(folder));
        Assert.Equal($"'{folder}' holds no tokenizer; put its tokenizer.model, tokenizer.json or tokenizer.bin there.", fault.Message);
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
        AssertRefused(TinySentencePiece.With(("a", 0, TinySentencePiece.Normal)), "'a' twice");
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
    [InlineData("model.merges", "[\"a\"]", "missing or of the wrong type")]
    [InlineData("model.merges", "[[\"zz\",\"y\"]]", "merges")]
    [InlineData("model.vocab", "{}", "empty vocabulary")]
    [InlineData("model.vocab", "{\"a\":-1}", "the id -1")]
    [InlineData("model.vocab", "{\"a\":\"x\"}", "missing or of the wrong type")]
    [InlineData("model.vocab", "{\"a\":0}", "no piece for the byte 0x00")]
    [InlineData("normalizer", "{\"type\":\"BertNormalizer\"}", "normalizer 'BertNormalizer'")]
    [InlineData("normalizer", "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFKC\"}]}", "normalizer 'NFKC'")]
    [InlineData("pre_tokenizer", "{\"type\":\"BertPreTokenizer\"}", "pre-tokenizer 'BertPreTokenizer'")]
    [InlineData("pre_tokenizer", "{\"type\":\"ByteLevel\",\"add_prefix_space\":true}", "add_prefix_space")]
    [InlineData("pre_tokenizer", "{\"type\":\"Split\",\"behavior\":\"MergedWithNext\",\"pattern\":{\"String\":\" \"}}", "'MergedWithNext'")]
    [InlineData("pre_tokenizer", "{\"type\":\"Split\",\"behavior\":\"Isolated\",\"pattern\":{\"Regex\":\"(\"}}", "no regular expression")]
    [InlineData("pre_tokenizer", "{\"type\":\"Metaspace\",\"replacement\":\"_\"}", "replacement '_'")]
    [InlineData("added_tokens", "[{\"id\":99999999,\"content\":\"x\"}]", "beyond")]
    public void What_a_tokenizer_json_states_and_is_not_supported_is_named(string member, string value, string named)
    {
        var json = TinyTokenizers.ByteLevel();
        var path = member.Split('.');
        (path.Length == 2 ? json[path[0]]! : json)[path[^1]] = JsonNode.Parse(value);
        var fault = Assert.Throws<ModelFormatException>(() => TinyTokenizers.OpenJson(json, ("tokenizer_config.json", TinyTokenizers.EndsWithEos)));
        Assert.Contains(named, fault.Message);
        AssertOneSentence(fault.Message);
    }

    [Theory]
    [InlineData("tokenizer.json", "{\"model\":")]
    [InlineData("tokenizer.json", "[]")]
    [InlineData("tokenizer.json", "{}")]
    [InlineData("tokenizer_config.json", "{\"eos_token\":7}")]
    [InlineData("added_tokens.json", "{\"x\":\"y\"}")]
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
