using System.Text;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Engine;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Text;

/// <summary>What callers read, through the engine.</summary>
public class StreamedTextTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_prompt_that_ends_within_a_character_is_continued_to_the_whole_character(int bytes)
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Speller(number, "🦈!"));
        int[] prompt = [Bytes.Start, .. Encoding.UTF8.GetBytes("🦈")[..bytes].Select(value => (int)value)];

        var plain = await fixture.Engine.GenerateAsync(EngineFixture.Greedy(new PromptInput.Tokens([.. prompt])));
        var echoed = await fixture.Engine.GenerateAsync(
            EngineFixture.Greedy(new PromptInput.Tokens([.. prompt])) with { Output = new OutputOptions { Echo = true } });

        Assert.Equal(("🦈!", "🦈!"), (plain.Text, echoed.Text));
    }

    [Fact]
    public async Task An_echo_begins_the_text_with_the_prompt_and_counts_no_token()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Speller(number, "abcdef"));
        var request = EngineFixture.Greedy(new PromptInput.PlainText("abc")) with
        {
            Output = new OutputOptions { Echo = true },
            Stopping = new StoppingOptions { StopStrings = ["b", "f"] },
        };

        var generation = await fixture.Engine.GenerateAsync(request);

        Assert.Equal(("abcde", "f", 3), (generation.Text, generation.End.StopString, generation.Tokens.Length));
    }

    [Theory]
    [InlineData(false, "abc")]
    [InlineData(true, "abcde")]
    public async Task The_stop_string_is_told_where_it_is_to_be_and_else_never_leaks(bool include, string text)
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Speller(number, "abcdefgh"));
        var request = EngineFixture.Greedy(PromptInput.StartToken) with
        {
            Stopping = new StoppingOptions { StopStrings = ["de"], IncludeStop = include },
        };

        var given = "";
        await foreach (var generationEvent in fixture.Engine.StreamAsync(request))
        {
            given += generationEvent is GenerationEvent.Delta delta ? delta.Text : "";
            Assert.StartsWith(given, text);
        }

        Assert.Equal(text, given);
    }

    [Fact]
    public async Task What_was_held_back_comes_out_when_the_limit_the_end_or_a_cancellation_ends_the_answer()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Speller(number, "abcd"));
        var held = new StoppingOptions { StopStrings = ["bcdx"] };

        Assert.Equal("abc", (await fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken) with { Stopping = held with { MaxTokens = 3 } })).Text);
        Assert.Equal(
            "abcd", (await fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken) with { Stopping = held })).Text);

        await using var endless = new EngineFixture();
        await endless.InstallAsync(number => ToyStudent.Speller(number, "ab", endless: true, context: 4_096));
        var request = EngineFixture.Greedy(PromptInput.StartToken) with
        {
            RequestId = "held",
            Stopping = new StoppingOptions { StopStrings = [string.Concat(Enumerable.Repeat("ab", 100)) + "x"] },
        };
        var (text, tokens) = ("", 0);
        GenerationEvent.Finished? end = null;
        await foreach (var generationEvent in endless.Engine.StreamAsync(request))
        {
            if (generationEvent is GenerationEvent.Delta delta)
            {
                (text, tokens) = (text + delta.Text, tokens + delta.Tokens.Length);
                endless.Engine.Cancel("held");
            }

            end ??= generationEvent as GenerationEvent.Finished;
        }

        Assert.Equal(EndReason.Cancelled, end!.Reason);
        Assert.Equal(ToyStudent.Endless("ab", tokens), text);
    }
}
