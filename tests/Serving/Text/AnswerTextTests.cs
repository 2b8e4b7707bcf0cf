using System.Text;
using Orca.Model.Tokenization;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Students;
using Orca.Serving.Text;
using Orca.Tests.Shared;

namespace Orca.Serving.Tests.Text;

public class AnswerTextTests
{
    private static readonly string[] Texts =
    [
        "plain", "naïve café", "漢字かな交じり文", "🦈 shark 👩‍👩‍👧 family", "genuine \uFFFD sign", "\uFFFD\uFFFD",
        "한국어 다섯 음절", "a", "", "tab\tand\nbreak", "𝔘𝔫𝔦",
    ];

    [Fact]
    public void Bytes_come_out_as_whole_characters_with_their_last_byte_and_nothing_stands_in_for_them() => EveryTextComesOut(Bytes.Open());

    [Theory]
    [InlineData("tokenizers/llama/tokenizer.model")]
    [InlineData("tokenizers/gpt2_hf/tokenizer.json")]
    public void Real_tokens_come_out_as_whole_characters_with_their_last_byte(string path) =>
        EveryTextComesOut(TokenizerFolder.OpenFile(SharedData.Require(path)));

    [Fact]
    public void An_emoji_over_byte_fallback_tokens_comes_out_with_the_last_of_them()
    {
        var tokenizer = TokenizerFolder.OpenFile(SharedData.Require("tokenizers/llama/tokenizer.model"));
        var prompt = tokenizer.Encode("x");
        var ids = tokenizer.Encode("x🦈y")[prompt.Length..];
        var text = new AnswerText(tokenizer.StartDecoding(prompt.AsSpan()), new StoppingOptions());

        Assert.Equal(["", "", "", "🦈", "y"], ids.Select(text.Push));
        Assert.Equal("", text.Flush());
    }

    [Fact]
    public void Any_tokens_at_all_give_in_pieces_what_they_give_together()
    {
        var tokenizer = Bytes.Open();
        var random = new Random(7);
        for (var round = 0; round < 3_000; round++)
        {
            int[] ids = [.. Enumerable.Range(0, random.Next(30)).Select(_ => random.Next(4) == 0 ? random.Next(Bytes.VocabularySize) : random.Next(0xC0, 0x100))];
            var text = new AnswerText(tokenizer.StartDecoding(), new StoppingOptions());
            Assert.Equal(
                Encoding.UTF8.GetString([.. ids.Where(id => id < 256).Select(id => (byte)id)]),
                string.Concat(ids.Select(text.Push)) + text.Flush());
        }
    }

    [Fact]
    public void A_character_that_the_prompt_began_comes_out_whole_with_the_answer_and_with_the_echo_once()
    {
        var tokenizer = Bytes.Open();
        var bytes = Encoding.UTF8.GetBytes("é🦈!");
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            int[] prompt = [Bytes.Start, .. bytes[..cut].Select(value => (int)value)];
            var text = new AnswerText(tokenizer.StartDecoding(prompt), new StoppingOptions());
            var echo = AnswerText.OfPrompt(ToyStudent.LanguageOf(Bytes.VocabularySize), [.. prompt]);

            var answer = string.Concat(bytes[cut..].Select(value => text.Push(value))) + text.Flush();

            Assert.Equal("é🦈!", echo + answer);
            Assert.DoesNotContain('\uFFFD', answer);
        }
    }

    [Fact]
    public void What_ends_within_a_character_ends_with_the_sign_for_it_at_the_flush()
    {
        var text = new AnswerText(Bytes.Open().StartDecoding(), new StoppingOptions());
        Assert.Equal("", text.Push(0xF0) + text.Push(0x9F));
        Assert.Equal("\uFFFD", text.Flush());
    }

    [Theory]
    [InlineData("🦈", "x🦉y🦈z", "x🦉y")]
    [InlineData("字", "漢字", "漢")]
    [InlineData("y🦈", "xy🦉y🦈", "xy🦉")]
    [InlineData("\uFFFD", "a\uFFFDb", "a")]
    public void A_stop_string_of_many_bytes_is_found_byte_by_byte_and_never_leaks(string stop, string said, string answer)
    {
        var text = new AnswerText(Bytes.Open().StartDecoding(), new StoppingOptions { StopStrings = [stop] });
        var given = "";
        foreach (var value in Encoding.UTF8.GetBytes(said))
        {
            given += text.Push(value);
            Assert.StartsWith(given, answer);
        }

        Assert.Equal((answer, stop), (given + text.Flush(), text.StopString));
    }

    private static void EveryTextComesOut(ITokenizer tokenizer)
    {
        var random = new Random(3);
        foreach (var text in Texts)
        {
            var ids = tokenizer.Encode(text);
            var pushed = new AnswerText(tokenizer.StartDecoding(), new StoppingOptions());
            var pieces = ids.Select(pushed.Push).ToList();

            Assert.Equal(text, string.Concat(pieces) + pushed.Flush());
            Assert.Equal(text, tokenizer.Decode(ids));
            Assert.All(pieces, piece => Assert.False(
                piece.Length > 0 && (char.IsLowSurrogate(piece[0]) || char.IsHighSurrogate(piece[^1])), "a character is split"));

            // The same after any part of it, as where the prompt holds the first part.
            var cut = random.Next(ids.Length + 1);
            var rest = new AnswerText(tokenizer.StartDecoding(ids.AsSpan()[..cut]), new StoppingOptions());
            var before = tokenizer.StartDecoding();
            var head = string.Concat(ids[..cut].Select(before.Push));
            Assert.Equal(text, head + string.Concat(ids[cut..].Select(rest.Push)) + rest.Flush());
        }
    }
}
