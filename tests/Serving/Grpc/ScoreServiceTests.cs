using Grpc.Core;
using Orca.Protocol.Inference.V1;

namespace Orca.Serving.Tests.Grpc;

public class ScoreServiceTests
{
    [Fact]
    public async Task A_target_is_scored_after_its_prompt_with_the_likeliest_tokens_beside_it()
    {
        await using var server = await ServerFixture.StartAsync("abc");

        var response = await server.Inference.ScoreAsync(new ScoreRequest { Text = "a", TargetText = "bc", TopLogprobs = 2, RequestId = "mine" });

        var score = Assert.Single(response.Scores);
        Assert.Equal(("mine", 1UL, 2U), (response.RequestId, score.WeightVersion, score.PromptTokens));
        Assert.Equal(['b', 'c'], score.Logprobs.Select(token => (char)token.TokenId));
        Assert.Equal(["b", "c"], score.Logprobs.Select(token => token.TokenBytes.ToStringUtf8()));
        Assert.All(score.Logprobs, token => Assert.Equal((2, token.TokenId), (token.Top.Count, token.Top[0].TokenId)));
        Assert.Equal(score.Logprobs.Sum(token => (double)token.Logprob), score.TotalLogprob, 6);
    }

    [Fact]
    public async Task What_follows_scores_above_what_does_not()
    {
        await using var server = await ServerFixture.StartAsync("abc");

        async Task<double> Total(string target) =>
            (await server.Inference.ScoreAsync(new ScoreRequest { Text = "a", TargetText = target })).Scores.Single().TotalLogprob;

        Assert.True(await Total("bc") > await Total("cb"));
    }

    [Fact]
    public async Task Logprobs_of_an_answer_name_its_tokens_and_their_bytes()
    {
        await using var server = await ServerFixture.StartAsync("é!");
        var spec = ServerFixture.Greedy();
        spec.Output = new OutputOptions
        {
            Logprobs = true,
            TopLogprobs = 1,
            TokenIds = true,
            PromptLogprobs = true,
            Timings = true,
            VersionSpans = true,
        };

        using var call = server.Stream(spec);
        var events = await call.ResponseStream.ReadAllAsync().ToListAsync();
        var whole = await server.Inference.GenerateAsync(new GenerateRequest { Spec = spec });

        var streamed = events.Where(generated => generated.Delta is not null).SelectMany(generated => generated.Delta.Logprobs).ToList();
        Assert.Equal(whole.TokenIds, streamed.Select(token => token.TokenId));
        Assert.Equal(streamed, whole.Logprobs);
        Assert.Equal("é!", string.Concat(System.Text.Encoding.UTF8.GetString([.. streamed.SelectMany(token => token.TokenBytes)])));
        Assert.NotNull(whole.Finished.Timings);
    }
}
