using System.Collections.Immutable;
using Orca.Serving.Engine;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Engine;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Sampling;

public class ScoreTests
{
    private static readonly PromptInput LongPrompt = new PromptInput.PlainText(string.Concat(Enumerable.Range(0, 150).Select(i => (char)('a' + (i * 7 % 26)))));

    [Theory]
    [InlineData(512)]
    [InlineData(48)]
    [InlineData(7)]
    public async Task An_answer_is_scored_as_it_was_drawn_however_its_prompt_is_cut(int chunk)
    {
        await using var fixture = new EngineFixture(new EngineOptions { MaxPrefillTokens = chunk });
        await fixture.InstallAsync(number => ToyStudent.Random(number, seed: 3));
        var request = EngineFixture.Greedy(LongPrompt, 20) with
        {
            Sampling = new SamplingOptions { Seed = 5, Temperature = 0.8f, TopK = 20 },
            Output = new OutputOptions { Logprobs = true, TopLogprobs = 3 },
            Stopping = new StoppingOptions { MaxTokens = 20, IgnoreEos = true },
        };
        var told = await LogprobsAsync(fixture.Engine, request);

        var score = Assert.Single(await fixture.Engine.ScoreAsync(new ScoreRequest
        {
            Prompt = LongPrompt,
            Target = new ScoreTarget.Tokens([.. told.Select(token => token.Token)]),
            TopLogprobs = 3,
        }));

        Assert.Equal((1, 151), (score.Version, score.PromptTokens));
        Assert.Equal(told.Select(token => token.Token), score.Logprobs.Select(token => token.Token));
        foreach (var (drawn, scored) in told.Zip(score.Logprobs))
        {
            Assert.Equal(drawn.Logprob, scored.Logprob, 1e-3f);
            Assert.Equal(3, scored.Top.Length);
            Assert.Equal(drawn.Top[0].Logprob, scored.Top[0].Logprob, 1e-3f);
        }

        Assert.Equal(told.Sum(token => token.Logprob), score.TotalLogprob, 1e-2);
    }

    [Fact]
    public async Task A_prompt_alone_is_scored_after_its_first_token_and_may_fill_the_context()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Speller(number, "abcd", context: 4));

        var score = (await fixture.Engine.ScoreAsync(new ScoreRequest { Prompt = new PromptInput.Tokens(['a', 'b', 'c', 'a']) })).Single();

        Assert.Equal(['b', 'c', 'a'], score.Logprobs.Select(token => (char)token.Token));
        Assert.Equal(score.Logprobs[0].Logprob, score.Logprobs[1].Logprob, 1e-4f);
        Assert.True(score.Logprobs[1].Logprob > score.Logprobs[2].Logprob + 1, "the token that the student expects is likelier");
        await Assert.ThrowsAsync<GenerationException>(
            () => fixture.Engine.ScoreAsync(new ScoreRequest { Prompt = new PromptInput.Tokens(['a', 'b', 'c', 'd', 'a']) }));
    }

    [Fact]
    public async Task Every_probability_of_a_place_sums_to_one()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Random(number, seed: 3));

        // Every token in the same place, by its bias: the logprobs are the student's own all the same.
        var sum = 0.0;
        for (var token = 0; token < Bytes.VocabularySize; token++)
        {
            var score = await fixture.Engine.ScoreAsync(new ScoreRequest { Prompt = PromptInput.StartToken, Target = new ScoreTarget.Tokens([token]) });
            sum += Math.Exp(score.Single().TotalLogprob);
        }

        Assert.Equal(1, sum, 3);
    }

    [Fact]
    public async Task Prompt_logprobs_come_with_the_answer_and_change_nothing_in_it()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Random(number, seed: 3));
        var request = EngineFixture.Greedy(LongPrompt, 10);

        var plain = await fixture.Engine.GenerateAsync(request);
        var scored = await fixture.Engine.GenerateAsync(request with { Output = new OutputOptions { PromptLogprobs = true } });
        var score = await fixture.Engine.ScoreAsync(new ScoreRequest { Prompt = LongPrompt });

        Assert.Equal(plain.Tokens.AsEnumerable(), scored.Tokens);
        Assert.Equal(150, scored.End.PromptLogprobs.Length);
        Assert.Equal(score[0].Logprobs.Select(token => token.Logprob), scored.End.PromptLogprobs.Select(token => token.Logprob));
        Assert.Empty(plain.End.PromptLogprobs);
    }

    [Fact]
    public async Task Versions_beside_each_other_each_score_by_their_own_weights_whatever_the_other_left_in_the_cache()
    {
        await using var fixture = new EngineFixture();
        await fixture.Engine.InstallAsync(ToyStudent.Random(fixture.Versions.Begin("one"), seed: 3));
        await fixture.Engine.InstallAsync(ToyStudent.Random(fixture.Versions.Begin("two"), seed: 4));
        await fixture.Engine.ActivateAsync(1);
        var request = new ScoreRequest { Prompt = LongPrompt };

        var alone = (await fixture.Engine.ScoreAsync(request)).Single();
        var beside = await fixture.Engine.ScoreAsync(request with { Versions = [2, 1, 2] });

        Assert.Equal([2L, 1L, 2L], beside.Select(score => score.Version));
        Assert.Equal(alone.TotalLogprob, beside[1].TotalLogprob, 2);
        Assert.Equal(beside[0].TotalLogprob, beside[2].TotalLogprob, 2);
        Assert.True(Math.Abs(beside[0].TotalLogprob - alone.TotalLogprob) > 1, "the versions differ");
        await Assert.ThrowsAsync<GenerationException>(() => fixture.Engine.ScoreAsync(request with { Versions = [9] }));
    }

    [Fact]
    public async Task Scoring_leaves_nothing_behind_and_fields_out_of_range_are_named_at_once()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Random(number, seed: 3));
        for (var round = 0; round < 40; round++)
        {
            await fixture.Engine.ScoreAsync(new ScoreRequest { RequestId = "again", Prompt = LongPrompt });
        }

        var refusal = await Assert.ThrowsAsync<GenerationException>(() => fixture.Engine.ScoreAsync(new ScoreRequest
        {
            RequestId = new string('x', 200),
            Prompt = new PromptInput.Tokens([]),
            Target = new ScoreTarget.Text(""),
            TopLogprobs = 21,
            Versions = [0],
            CacheSalt = new string('x', 200),
        }));
        Assert.Equal(
            ["request_id", "token_ids", "cache_salt", "target_text", "top_logprobs", "weight_versions"],
            refusal.Fields.Select(fault => fault.Field));
    }

    private static async Task<ImmutableArray<TokenLogprob>> LogprobsAsync(InferenceEngine engine, GenerationRequest request)
    {
        var told = ImmutableArray.CreateBuilder<TokenLogprob>();
        await foreach (var generationEvent in engine.StreamAsync(request))
        {
            if (generationEvent is GenerationEvent.Delta delta)
            {
                Assert.Equal(delta.Tokens.AsEnumerable(), delta.Logprobs.Select(token => token.Token));
                told.AddRange(delta.Logprobs);
            }
        }

        return told.ToImmutable();
    }
}
