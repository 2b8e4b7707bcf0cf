using Orca.Serving.Engine;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Engine;

public class InferenceEngineTests
{
    [Theory]
    [InlineData("Answer:42")]
    [InlineData("shark 🦈!")]
    [InlineData("漢")]
    public async Task A_student_that_spells_a_text_is_heard_spelling_it(string text)
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Speller(number, text));

        var generation = await fixture.Engine.GenerateAsync(EngineFixture.Greedy(new PromptInput.Chat("", "Spell.")));

        Assert.Equal(text, generation.Text);
        Assert.Equal(EndReason.EndOfText, generation.End.Reason);
        Assert.Equal(1, generation.Version);
        Assert.Equal([.. System.Text.Encoding.UTF8.GetBytes(text), Bytes.End], generation.Tokens);
    }

    [Fact]
    public async Task The_start_token_alone_is_a_prompt()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Speller(number, "abc"));

        var generation = await fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken));

        Assert.Equal(("abc", 1), (generation.Text, generation.End.PromptTokens));
    }

    [Fact]
    public async Task No_delta_splits_a_character_and_all_deltas_together_are_the_answer()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Speller(number, "é🦈漢x"));

        var deltas = new List<string>();
        await foreach (var generationEvent in fixture.Engine.StreamAsync(EngineFixture.Greedy(PromptInput.StartToken)))
        {
            if (generationEvent is GenerationEvent.Delta { Text.Length: > 0 } delta)
            {
                deltas.Add(delta.Text);
            }
        }

        Assert.Equal(["é", "🦈", "漢", "x"], deltas);
    }

    [Theory]
    [InlineData("def", "abc", EndReason.StopString)]
    [InlineData("a", "", EndReason.StopString)]
    [InlineData("hx", "abcdefgh", EndReason.EndOfText)]
    public async Task A_stop_string_over_several_tokens_ends_the_answer_before_it(string stop, string answer, EndReason reason)
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Speller(number, "abcdefgh"));
        var request = EngineFixture.Greedy(PromptInput.StartToken) with { Stopping = new StoppingOptions { StopStrings = [stop] } };

        var generation = await fixture.Engine.GenerateAsync(request);

        Assert.Equal((answer, reason), (generation.Text, generation.End.Reason));
        Assert.Equal(reason == EndReason.StopString ? stop : null, generation.End.StopString);
    }

    [Fact]
    public async Task A_stop_token_of_the_request_ends_the_answer_before_it()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Speller(number, "abcdefgh"));
        var request = EngineFixture.Greedy(PromptInput.StartToken) with { Stopping = new StoppingOptions { StopTokenIds = ['d'] } };

        var generation = await fixture.Engine.GenerateAsync(request);

        Assert.Equal(("abc", EndReason.StopToken, (int?)'d'), (generation.Text, generation.End.Reason, generation.End.StopToken));
    }

    [Fact]
    public async Task An_answer_ends_at_its_token_limit_and_where_the_context_is_full()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Speller(number, "abcdefgh", endless: true, context: 32));

        var limited = await fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken, maxTokens: 3));
        var full = await fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken));

        Assert.Equal(("abc", EndReason.Length), (limited.Text, limited.End.Reason));
        Assert.Equal((31, EndReason.Length), (full.End.CompletionTokens, full.End.Reason));
    }

    [Fact]
    public async Task End_tokens_can_be_ignored()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Speller(number, "ab", context: 16));
        var request = EngineFixture.Greedy(PromptInput.StartToken) with { Stopping = new StoppingOptions { IgnoreEos = true } };

        Assert.Equal(EndReason.Length, (await fixture.Engine.GenerateAsync(request)).End.Reason);
    }

    [Fact]
    public async Task The_same_request_gives_the_same_text_alone_and_among_eight()
    {
        await using var fixture = new EngineFixture(new EngineOptions { MaxPrefillTokens = 48 });
        await fixture.InstallAsync(number => ToyStudent.Random(number, seed: 3));
        var prompts = Enumerable.Range(0, 8).Select(i => new PromptInput.PlainText(new string('x', 1 + (i * 9)) + i)).ToList();
        GenerationRequest[] requests =
        [
            .. prompts.Select(prompt => EngineFixture.Greedy(prompt, 60)),
            .. prompts.Select((prompt, i) => EngineFixture.Greedy(prompt, 60) with { Sampling = new SamplingOptions { Seed = (ulong)i, TopP = 0.9f } }),
        ];

        var alone = new List<Generation>();
        foreach (var request in requests)
        {
            alone.Add(await fixture.Engine.GenerateAsync(request));
        }

        var together = await Task.WhenAll(requests.Select(request => fixture.Engine.GenerateAsync(request)));

        Assert.Equal(
            alone.Select(generation => generation.Tokens.AsEnumerable()), together.Select(generation => generation.Tokens.AsEnumerable()));
        Assert.True(alone.Select(generation => generation.Text).Distinct().Count() > 8, "the answers differ from each other");
    }

    [Fact]
    public async Task Another_seed_gives_another_text_and_the_same_seed_the_same()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Random(number, seed: 3));

        async Task<string> Text(ulong seed) => (await fixture.Engine.GenerateAsync(
            EngineFixture.Greedy(PromptInput.StartToken, 40) with { Sampling = new SamplingOptions { Seed = seed } })).Text;

        Assert.Equal(await Text(1), await Text(1));
        Assert.NotEqual(await Text(1), await Text(2));
    }

    [Fact]
    public async Task Nothing_is_answered_before_a_version_is_loaded()
    {
        await using var fixture = new EngineFixture();
        var refusal = await Assert.ThrowsAsync<GenerationException>(() => fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken)));
        Assert.Equal(Failure.NoModel, refusal.Failure);
    }

    [Fact]
    public async Task Every_field_out_of_range_is_named_at_once()
    {
        await using var fixture = new EngineFixture();
        var request = new GenerationRequest
        {
            Prompt = new PromptInput.Tokens([]),
            Sampling = new SamplingOptions { Temperature = float.NaN, TopP = 0, TopK = -1 },
            Stopping = new StoppingOptions { MaxTokens = 0, StopStrings = [""] },
        };

        var refusal = await Assert.ThrowsAsync<GenerationException>(() => fixture.Engine.GenerateAsync(request));

        Assert.Equal(Failure.InvalidRequest, refusal.Failure);
        Assert.Equal(
            ["token_ids", "sampling.temperature", "sampling.top_p", "sampling.top_k", "stopping.max_tokens", "stopping.stop_strings"],
            refusal.Fields.Select(fault => fault.Field));
    }

    [Theory]
    [InlineData(15, true)]
    [InlineData(16, false)]
    public async Task A_prompt_must_leave_room_for_an_answer(int tokens, bool fits)
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Speller(number, "ab", endless: true, context: 16));
        var request = EngineFixture.Greedy(new PromptInput.Tokens([.. Enumerable.Repeat((int)'a', tokens)]));
        if (fits)
        {
            Assert.Equal("b", (await fixture.Engine.GenerateAsync(request)).Text);
        }
        else
        {
            var refusal = await Assert.ThrowsAsync<GenerationException>(() => fixture.Engine.GenerateAsync(request));
            Assert.Contains("has 16 tokens; the context holds 16", refusal.Message);
        }
    }

    [Fact]
    public async Task A_token_outside_the_vocabulary_is_refused()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Speller(number, "ab"));
        await Assert.ThrowsAsync<GenerationException>(
            () => fixture.Engine.GenerateAsync(EngineFixture.Greedy(new PromptInput.Tokens([Bytes.VocabularySize]))));
        await Assert.ThrowsAsync<GenerationException>(() => fixture.Engine.GenerateAsync(EngineFixture.Greedy(new PromptInput.Tokens([-1]))));
    }
}
