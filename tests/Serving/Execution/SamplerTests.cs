using Orca.Serving.Execution;
using Orca.Serving.Requests;

namespace Orca.Serving.Tests.Execution;

public class SamplerTests
{
    private static readonly float[] Logits = [0, 2, 1, -1, 2];

    [Fact]
    public void Greedy_takes_the_likeliest_and_of_equals_the_lowest_id() =>
        Assert.Equal(1, new Sampler().Draw(Logits, SamplingOptions.Greedy, 1, 0));

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Logits_that_are_not_finite_give_no_token(float bad)
    {
        Assert.Null(new Sampler().Draw([0, bad, 1], SamplingOptions.Greedy, 1, 0));
        Assert.Null(new Sampler().Draw([0, bad, 1], new SamplingOptions(), 1, 0));
        Assert.Null(new Sampler().Draw([float.NegativeInfinity, float.NegativeInfinity], SamplingOptions.Greedy, 1, 0));
    }

    [Fact]
    public void Tokens_are_drawn_as_often_as_their_probability_says()
    {
        const int draws = 40_000;
        var counts = Count(new SamplingOptions { Temperature = 0.7f }, draws);
        var weights = Logits.Select(logit => Math.Exp(logit / 0.7)).ToArray();
        for (var token = 0; token < Logits.Length; token++)
        {
            var expected = weights[token] / weights.Sum();
            Assert.Equal(expected, counts[token] / (double)draws, 4 * Math.Sqrt(expected / draws));
        }
    }

    [Theory]
    [InlineData(1, new[] { 1 })]
    [InlineData(2, new[] { 1, 4 })]
    [InlineData(3, new[] { 1, 2, 4 })]
    [InlineData(99, new[] { 0, 1, 2, 3, 4 })]
    public void Top_k_keeps_that_many(int k, int[] kept) => Assert.Equal(kept, Drawn(new SamplingOptions { TopK = k }));

    [Theory]
    [InlineData(0.01f, new[] { 1 })]
    [InlineData(0.5f, new[] { 1, 4 })]
    [InlineData(0.78f, new[] { 1, 4 })]
    [InlineData(0.9f, new[] { 1, 2, 4 })]
    [InlineData(1f, new[] { 0, 1, 2, 3, 4 })]
    public void Top_p_keeps_the_fewest_that_reach_it(float p, int[] kept) => Assert.Equal(kept, Drawn(new SamplingOptions { TopP = p }));

    [Fact]
    public void Top_p_counts_within_what_top_k_left() => Assert.Equal([1], Drawn(new SamplingOptions { TopK = 2, TopP = 0.5f }));

    [Fact]
    public void A_tiny_temperature_is_greedy_and_overflows_nothing() =>
        Assert.Equal([1, 4], Drawn(new SamplingOptions { Temperature = 1e-30f }));

    [Fact]
    public void A_draw_depends_on_seed_and_position_alone()
    {
        var used = new Sampler();
        for (var position = 0; position < 50; position++)
        {
            _ = used.Draw([1, 2, 3, 4, 5, 6, 7, 8], new SamplingOptions { TopK = 3 }, 9, position);
            Assert.Equal(
                new Sampler().Draw(Logits, new SamplingOptions(), 7, position), used.Draw(Logits, new SamplingOptions(), 7, position));
        }
    }

    [Fact]
    public void Uniform_numbers_fill_zero_to_one_evenly_over_positions_and_seeds()
    {
        Assert.Equal(0.5, Enumerable.Range(0, 10_000).Average(position => PositionRandom.Uniform(3, position)), 0.02);
        Assert.Equal(0.5, Enumerable.Range(0, 10_000).Average(seed => PositionRandom.Uniform((ulong)seed, 0)), 0.02);
        Assert.All(Enumerable.Range(0, 10_000), position => Assert.InRange(PositionRandom.Uniform(3, position), 0, 1 - 1e-16));
    }

    private static int[] Drawn(SamplingOptions sampling) =>
        [.. Count(sampling, 20_000).Select((count, token) => (count, token)).Where(pair => pair.count > 0).Select(pair => pair.token)];

    private static int[] Count(SamplingOptions sampling, int draws)
    {
        var sampler = new Sampler();
        var counts = new int[Logits.Length];
        for (var position = 0; position < draws; position++)
        {
            counts[sampler.Draw(Logits, sampling, 42, position)!.Value]++;
        }

        return counts;
    }
}
