using System.Text;
using Orca.Model.Embedded;
using Orca.Model.Tokenization;

namespace Orca.Model.Tests.Tokenization;

public class StreamingDecoderTests
{
    private static ITokenizer Tokenizer => EmbeddedStudent.Tokenizer;

    [Theory]
    [InlineData("embedded")]
    [InlineData("llama")]
    [InlineData("llama-json")]
    [InlineData("gpt2")]
    public void Token_by_token_gives_the_text_and_no_part_of_a_character(string name)
    {
        var tokenizer = name == "embedded" ? Tokenizer : RealTokenizers.Named(name);
        foreach (var text in Texts.Random(seed: 1, count: 300))
        {
            var decoder = tokenizer.StartDecoding();
            var pushed = tokenizer.Encode(text).Select(decoder.Push).ToList();
            Assert.All(pushed, piece => Assert.True(IsWhole(piece, text), $"'{piece}' of '{text}'"));
            Assert.Equal(text, string.Concat(pushed));
            Assert.Equal("", decoder.Flush());
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        }
    }

    [Fact]
    public void Any_ids_decode_alike_at_once_and_token_by_token()
    {
        var random = new Random(2);
        for (var round = 0; round < 500; round++)
        {
            var ids = Enumerable.Range(0, random.Next(1, 30)).Select(_ => random.Next(-2, Tokenizer.VocabularySize + 3)).ToList();
            var decoder = Tokenizer.StartDecoding();
            Assert.Equal(Tokenizer.Decode(ids), string.Concat(ids.Select(decoder.Push)) + decoder.Flush());
        }
    }

    [Fact]
    public void A_decoder_goes_on_anywhere_in_a_text_even_within_a_character()
    {
        foreach (var text in Texts.Random(seed: 3, count: 200))
        {
            var ids = Tokenizer.Encode(text).ToArray();
            for (var cut = 1; cut < ids.Length; cut++)
            {
                var before = Tokenizer.StartDecoding();
                var head = string.Concat(ids[..cut].Select(before.Push));
                var after = Tokenizer.StartDecoding(ids.AsSpan(0, cut));
                Assert.Equal(text, head + string.Concat(ids[cut..].Select(after.Push)) + after.Flush());
            }
        }
    }

    [Fact]
    public void An_emoji_of_four_byte_tokens_comes_with_its_last_byte()
    {
        var ids = Tokenizer.Encode("\ud83e\udd99");
        Assert.Equal(5, ids.Length); // the space before the text, then four bytes
        var decoder = Tokenizer.StartDecoding();
        Assert.Equal(["", "", "", "", "\ud83e\udd99"], ids.Select(decoder.Push));
    }

    [Fact]
    public void An_unfinished_character_comes_out_at_the_end_only_and_the_decoder_begins_anew()
    {
        var unfinished = Tokenizer.Encode("a\ud83e\udd99")[..^1];
        var decoder = Tokenizer.StartDecoding();
        Assert.Equal("a", string.Concat(unfinished.Select(decoder.Push)));
        Assert.Equal("\ufffd", decoder.Flush());
        Assert.Equal("", decoder.Flush());
        Assert.Equal("b", string.Concat(Tokenizer.Encode("b").Select(decoder.Push)));
    }

    [Fact]
    public void The_space_before_a_text_is_dropped_once_and_special_tokens_do_not_count()
    {
        var decoder = Tokenizer.StartDecoding();
        int[] ids = [1, 4, .. Tokenizer.Encode("  a b"), 3, .. Tokenizer.Encode("c")];
        Assert.Equal("  a b c", string.Concat(ids.Select(decoder.Push)));
    }

    // Every UTF-16 unit belongs to a whole character, and a replacement character only comes from the text itself.
    private static bool IsWhole(string piece, string text) =>
        new UTF8Encoding(false, throwOnInvalidBytes: true) is var strict && strict.GetByteCount(piece) >= 0
        && (!piece.Contains('\ufffd') || text.Contains('\ufffd'));
}
