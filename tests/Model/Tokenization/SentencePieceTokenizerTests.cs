using Orca.Model.Embedded;
using Orca.Model.Tokenization;
using Orca.Tests.Shared;

namespace Orca.Model.Tests.Tokenization;

public class SentencePieceTokenizerTests
{
    private const int N = TinySentencePiece.Normal;

    [Fact]
    public void Llama_gives_the_golden_prompts_after_its_start_token()
    {
        var llama = RealTokenizers.Llama;
        Assert.Equal((1, 2, 32_000), (llama.BosId, llama.EosId, llama.VocabularySize));
        Assert.Equal(5, TokenizerVectors.OfPrompts().Count);
        Assert.All(TokenizerVectors.OfPrompts(), vector => Assert.Equal(vector.Ids, llama.Encode(vector.Text).Insert(0, 1)));
    }

    [Fact]
    public void The_highest_score_merges_first_and_of_equals_the_leftmost()
    {
        var tokenizer = TinySentencePiece.With(("aa", -1, N), ("ab", -2, N), ("bc", -1, N), ("\u2581a", -3, N)).Open();
        Assert.Equal([6, 7, 3], tokenizer.Encode("aaa"));    // ▁ aa a: not ▁ a aa
        Assert.Equal([10, 9], tokenizer.Encode("abc"));      // bc scores above ab
    }

    [Fact]
    public void Pieces_of_several_characters_merge_through_characters_that_are_no_pieces()
    {
        var tokenizer = TinySentencePiece.With(("xy", -1, N), ("axy", -2, N)).Open();
        Assert.Equal([6, 8], tokenizer.Encode("axy"));
        Assert.Equal([6, 0], tokenizer.Encode("xx"));
    }

    [Fact]
    public void A_piece_that_reaches_over_two_words_is_found()
    {
        var tokenizer = TinySentencePiece.With(("a\u2581", -1, N), ("a\u2581b", -2, N)).Open();
        Assert.Equal([6, 8, 5], tokenizer.Encode("a bc"));
    }

    [Fact]
    public void An_unknown_run_becomes_one_unknown_token_where_there_are_no_bytes()
    {
        var tokenizer = TinySentencePiece.With().Open();
        Assert.Equal([6, 3, 0, 4], tokenizer.Encode("azzzb"));
        Assert.Equal("a \u2047 b", tokenizer.Decode([6, 3, 0, 4]));
    }

    [Fact]
    public void User_defined_pieces_cut_the_text_and_stay_in_it()
    {
        var tokenizer = TinySentencePiece.With(
            ("bb", -1, TinySentencePiece.UserDefined), ("bbc", -1, TinySentencePiece.UserDefined),
            ("<a>", 0, TinySentencePiece.UserDefined), ("cb", -1, N)).Open();
        Assert.Equal([6, 3, 8, 4], tokenizer.Encode("abbcb")); // the longest wins, and merges with nothing
        Assert.Equal(9, tokenizer.FindSpecial("<a>"));
        Assert.Equal([6, 9, 3], tokenizer.Encode("<a>a"));
        Assert.Equal("a<a>b", tokenizer.Decode([6, 3, 9, 4]));
    }

    [Fact]
    public void A_model_without_the_space_before_a_text_keeps_the_first_space()
    {
        var tokenizer = (TinySentencePiece.With() with { AddDummyPrefix = false }).Open();
        Assert.Equal([3], tokenizer.Encode("a"));
        Assert.Equal(" a", tokenizer.Decode(tokenizer.Encode(" a")));
    }

    [Fact]
    public void A_model_that_removes_extra_spaces_removes_them()
    {
        var tokenizer = (TinySentencePiece.With() with { RemoveExtraWhitespaces = true }).Open();
        Assert.Equal([6, 3, 6, 4], tokenizer.Encode("  a   b "));
        Assert.Empty(tokenizer.Encode("   "));
    }

    [Fact]
    public void No_text_gives_a_special_token()
    {
        var tokenizer = EmbeddedStudent.Tokenizer;
        foreach (var marker in new[] { "<s>", "</s>", "<unk>", "<|system|>", "<|user|>", "<|assistant|>", "<0x0A>", "<|im_end|>" })
        {
            var ids = tokenizer.Encode($"{marker}a {marker}");
            Assert.All(ids, id => Assert.True(id > 5, $"{marker} gave {id}"));
            Assert.Equal($"{marker}a {marker}", tokenizer.Decode(ids));
        }
    }

    [Fact]
    public void An_empty_text_gives_no_token_and_ids_without_a_piece_no_text()
    {
        var tokenizer = EmbeddedStudent.Tokenizer;
        Assert.Empty(tokenizer.Encode(""));
        Assert.Equal("", tokenizer.Decode([]));
        Assert.Equal("a", tokenizer.Decode([1, 3, -1, .. tokenizer.Encode("a"), 2048, int.MaxValue, 2]));
        Assert.Null(tokenizer.FindSpecial("no such token"));
        Assert.Equal((1, 3), (tokenizer.FindSpecial("<s>"), tokenizer.FindSpecial("<|system|>")));
    }

    [Fact]
    public void Files_beside_the_model_add_special_tokens_and_name_the_end()
    {
        var tokenizer = TinyTokenizers.InFolder(folder =>
        {
            File.WriteAllBytes(Path.Combine(folder, "tokenizer.model"), TinySentencePiece.With().ToBytes());
            File.WriteAllText(Path.Combine(folder, "added_tokens.json"), """{"<|im_start|>": 7, "<|im_end|>": 9}""");
            File.WriteAllText(
                Path.Combine(folder, "tokenizer_config.json"), """{"eos_token": {"content": "<|im_end|>"}, "bos_token": "<s>"}""");
            TokenizerFolder.Open(folder).Save(Directory.CreateDirectory(Path.Combine(folder, "saved")).FullName);
            return TokenizerFolder.Open(Path.Combine(folder, "saved"));
        });
        Assert.Equal((10, 1, 9), (tokenizer.VocabularySize, tokenizer.BosId, tokenizer.EosId));
        Assert.Equal(7, tokenizer.FindSpecial("<|im_start|>"));
        Assert.Equal([6, 0], tokenizer.Encode("<|im_end|>"));
        Assert.Equal("a", tokenizer.Decode([6, 3, 9, 8]));
    }

    [Theory]
    [InlineData("""{"bos_token":"<s>"}""", 1)]
    [InlineData("""{"bos_token":"<s>","add_bos_token":false}""", null)]
    [InlineData("""{"bos_token":"<s>","tokenizer_class":"GPT2Tokenizer"}""", null)]
    [InlineData("""{"bos_token":"<s>","tokenizer_class":"GPT2Tokenizer","add_bos_token":true}""", 1)]
    [InlineData("{}", 1)]
    public void A_plain_text_begins_with_the_start_token_unless_the_files_beside_say_otherwise(string settings, int? start)
    {
        var tokenizer = OpenBeside(("tokenizer_config.json", settings));
        Assert.Equal(start is { } id ? [id] : [], tokenizer.StartIds);
        Assert.Equal(1, tokenizer.BosId);
    }

    [Fact]
    public void Added_text_stays_in_the_text_and_a_space_begins_what_follows_it_unless_the_files_say_first_alone()
    {
        const string Added = """
            "added_tokens_decoder":{"8":{"content":"<tool_call>","special":false},"9":{"content":"<|im_end|>","special":true},"10":{"content":"  ","special":false}}
            """;
        var legacy = OpenBeside(("tokenizer_config.json", "{" + Added + "}"));
        Assert.Equal([6, 3, 8, 6, 4], legacy.Encode("a<tool_call>b"));
        Assert.Equal([6, 3, 10, 6, 4], legacy.Encode("a  b"));
        Assert.DoesNotContain(9, legacy.Encode("<|im_end|>"));
        Assert.Equal([9, 6, 3], legacy.EncodeMarked("<|im_end|>a", []));
        Assert.Equal("a<tool_call>b", legacy.Decode([6, 3, 8, 4, 9]));
        var newer = OpenBeside(("tokenizer_config.json", """{"legacy":false,""" + Added + "}"));
        Assert.Equal([6, 3, 8, 4], newer.Encode("a<tool_call>b"));
        Assert.Equal([9, 3], newer.EncodeMarked("<|im_end|>a", []));
    }

    [Fact]
    public void A_long_piece_is_made_of_few_pairs_and_a_repeating_text_merges_in_few_steps()
    {
        var cuts = SentencePieceEncoding.CutsOf(new string('a', 1_000_000), [1, 2, 5, 1_000_000]);
        Assert.Empty(cuts);
        Assert.Equal([1, 2], SentencePieceEncoding.CutsOf("aaa", [1, 2, 5]));
        var longPiece = new string('a', 300_000);
        var tokenizer = TinySentencePiece.With(("aa", -1, N), ("aaaa", -2, N), (longPiece, -3, N)).Open();
        Assert.Equal(1 + 75_000, tokenizer.Encode(longPiece).Length);
    }

    private static ITokenizer OpenBeside(params (string Name, string Text)[] files) => TinyTokenizers.InFolder(folder =>
    {
        File.WriteAllBytes(Path.Combine(folder, "tokenizer.model"), TinySentencePiece.With().ToBytes());
        foreach (var (name, text) in files)
        {
            File.WriteAllText(Path.Combine(folder, name), text);
        }

        return TokenizerFolder.Open(folder);
    });

    [Fact]
    public void A_saved_model_tells_other_tools_what_it_is() => TinyTokenizers.InFolder(folder =>
    {
        EmbeddedStudent.Tokenizer.Save(folder);
        Assert.Equal(
            """
            {
              "tokenizer_class": "LlamaTokenizer",
              "bos_token": "<s>",
              "eos_token": "</s>",
              "unk_token": "<unk>"
            }
            """,
            File.ReadAllText(Path.Combine(folder, "tokenizer_config.json")));
        var again = TokenizerFolder.Open(folder);
        Assert.Equal((1, 2, 2048), (again.BosId, again.EosId, again.VocabularySize));
        Assert.Equal(EmbeddedStudent.Tokenizer.Encode("Is it 12?\n"), again.Encode("Is it 12?\n"));
        return 0;
    });

    [Fact]
    public void Several_threads_get_the_same_ids()
    {
        var tokenizer = EmbeddedStudent.Tokenizer;
        var texts = Texts.Random(seed: 5, count: 400).ToList();
        var alone = texts.Select(text => tokenizer.Encode(text)).ToList();
        var together = texts.AsParallel().AsOrdered().WithDegreeOfParallelism(4).Select(text => tokenizer.Encode(text)).ToList();
        Assert.All(alone.Zip(together), pair => Assert.Equal(pair.First, pair.Second));
    }

    [Fact]
    public void Stories260K_tokenizer_becomes_a_SentencePiece_model_that_others_read()
    {
        var tokenizer = TokenizerFolder.OpenFile(SharedData.Require("checkpoints/stories260K/tok512.bin"));
        Assert.Equal((512, 1, 2), (tokenizer.VocabularySize, tokenizer.BosId, tokenizer.EosId));
        const string Story = "Once upon a time, there was a little girl named Lily. \ud83d\ude00";
        TinyTokenizers.InFolder(folder =>
        {
            tokenizer.Save(folder);
            var file = Path.Combine(folder, "tokenizer.model");
            Assert.Equal(tokenizer.Encode(Story), TokenizerFolder.Open(folder).Encode(Story));
            using var stream = File.OpenRead(file);
            var library = Microsoft.ML.Tokenizers.SentencePieceTokenizer.Create(
                stream, addBeginningOfSentence: false, addEndOfSentence: false);
            Assert.Equal(tokenizer.Encode(Story), library.EncodeToIds(Story));
            return file;
        });
    }
}
