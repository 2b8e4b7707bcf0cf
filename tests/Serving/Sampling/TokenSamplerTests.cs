using System.Collections.Immutable;
using Orca.Serving.Requests;
using Orca.Serving.Sampling;

namespace Orca.Serving.Tests.Sampling;

public class TokenSamplerTests
{
    private static readonly float[] Logits = [0, 2, 1, -1, 2];

    [Fact]
    public void Greedy_takes_the_likeliest_and_of_equals_the_lowest_id() =>
        Assert.Equal(1, Samplers.Of(SamplingOptions.Greedy, 5).Next(Logits, 0));

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(1_000)]
    [InlineData(32_003)]
    public void Greedy_finds_the_likeliest_wherever_it_is(int vocabulary)
    {
        for (var at = 0; at < vocabulary; at += 1 + (vocabulary / 40))
        {
            var logits = Samplers.RandomLogits(vocabulary, at);
            logits[at] = 99;
            Assert.Equal(at, Samplers.Of(SamplingOptions.Greedy, vocabulary).Next(logits, 0));
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Logits_that_are_not_finite_give_no_token(float bad)
    {
        foreach (var sampling in new[] { SamplingOptions.Greedy, new SamplingOptions(), new SamplingOptions { TopK = 2 } })
        {
            for (var at = 0; at < 50; at++)
            {
                var logits = Samplers.RandomLogits(50, 1);
                logits[at] = bad;
                Assert.Null(Samplers.Of(sampling, 50).Next(logits, 0));
            }

            Assert.Null(Samplers.Of(sampling, 2).Next([float.NegativeInfinity, float.NegativeInfinity], 0));
        }
    }

    // Beyond what the rules let through: what a request does to finite logits leaves them finite, so none is the student's fault.
    [Fact]
    public void Whatever_a_request_does_to_the_students_finite_logits_a_token_is_drawn()
    {
        float[] extremes = [float.MaxValue, float.MinValue, 3e38f, -3e38f, float.Epsilon, 0, 1, float.NegativeInfinity];
        float[] factors = [float.Epsilon, 1e-44f, 0.01f, 1, 10, float.MaxValue];
        foreach (var (repetition, penalty, bias) in factors.SelectMany(r => extremes[..^1].SelectMany(p => extremes[..^1].Select(b => (r, p, b)))))
        {
            foreach (var temperature in new[] { 0, float.Epsilon, 1, 100 })
            {
                var sampling = new SamplingOptions
                {
                    Temperature = temperature,
                    RepetitionPenalty = repetition,
                    FrequencyPenalty = penalty,
                    PresencePenalty = penalty,
                    LogitBias = Enumerable.Range(0, 4).ToImmutableDictionary(token => token, _ => bias),
                };
                var sampler = Samplers.Of(sampling, extremes.Length, prompt: [.. Enumerable.Range(0, extremes.Length)]);
                for (var position = 0; position < 3; position++)
                {
                    sampler.Accept(sampler.Next(extremes, position)!.Value);
                }
            }
        }
    }

    [Fact]
    public void A_request_that_leaves_no_token_to_draw_is_at_fault_itself()
    {
        var stopping = new StoppingOptions { MinTokens = 2, StopTokenIds = [0, 1, 2, 3, 4] };
        var refusal = Assert.Throws<GenerationException>(() => Samplers.Of(new SamplingOptions(), 5, stopping: stopping).Next(Logits, 0));
        Assert.Equal("stopping.min_tokens", Assert.Single(refusal.Fields).Field);
    }

    [Fact]
    public void Tokens_are_drawn_as_often_as_their_probability_says()
    {
        const int draws = 40_000;
        var counts = Samplers.Of(new SamplingOptions { Temperature = 0.7f }, 5).Count(Logits, draws);
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

    [Theory]
    [InlineData(1f, new[] { 1, 4 })]
    [InlineData(0.3f, new[] { 1, 2, 4 })]
    [InlineData(0.1f, new[] { 0, 1, 2, 4 })]
    public void Min_p_keeps_what_is_so_often_as_likely_as_the_likeliest(float p, int[] kept) =>
        Assert.Equal(kept, Drawn(new SamplingOptions { MinP = p }));

    [Fact]
    public void Top_p_counts_within_what_top_k_left() => Assert.Equal([1], Drawn(new SamplingOptions { TopK = 2, TopP = 0.5f }));

    [Theory]
    [InlineData(1e-30f)]
    [InlineData(1e-42f)]
    public void A_tiny_temperature_is_greedy_and_overflows_nothing(float temperature) =>
        Assert.Equal([1, 4], Drawn(new SamplingOptions { Temperature = temperature }));

    [Fact]
    public void A_bias_moves_a_token_and_minus_a_hundred_as_good_as_forbids_it()
    {
        var sampling = SamplingOptions.Greedy with
        {
            LogitBias = ImmutableDictionary<int, float>.Empty.Add(1, -100).Add(3, 3.5f).Add(77, 100),
        };
        Assert.Equal(3, Samplers.Of(sampling, 5).Next(Logits, 0));
    }

    [Fact]
    public void Repetition_counts_the_prompt_and_presence_and_frequency_the_answer_alone()
    {
        Assert.Equal(4, Samplers.Of(SamplingOptions.Greedy with { RepetitionPenalty = 1.5f }, 5, prompt: [1]).Next(Logits, 0));
        Assert.Equal(
            1, Samplers.Of(SamplingOptions.Greedy with { PresencePenalty = 2, FrequencyPenalty = 2 }, 5, prompt: [1]).Next(Logits, 0));

        var present = Samplers.Of(SamplingOptions.Greedy with { PresencePenalty = 0.5f }, 5);
        present.Accept(1);
        Assert.Equal(4, present.Next(Logits, 1));
        present.Accept(4);
        present.Accept(4);
        Assert.Equal(1, present.Next(Logits, 3));

        var frequent = Samplers.Of(SamplingOptions.Greedy with { FrequencyPenalty = 0.6f }, 5);
        foreach (var token in new[] { 1, 4, 1, 4 })
        {
            frequent.Accept(token);
        }

        Assert.Equal(2, frequent.Next(Logits, 4));
    }

    [Fact]
    public void Ends_and_stops_cannot_come_before_the_least_number_of_tokens()
    {
        var stopping = new StoppingOptions { MinTokens = 2, StopTokenIds = [4] };
        var sampler = Samplers.Of(SamplingOptions.Greedy, 5, stopping: stopping, ends: [1]);
        Assert.Equal([2, 2, 1], Enumerable.Range(0, 3).Select(position => sampler.Next(Logits, position)!.Value));

        var ignoring = Samplers.Of(SamplingOptions.Greedy, 5, stopping: stopping with { IgnoreEos = true }, ends: [1]);
        Assert.Equal(1, ignoring.Next(Logits, 0));
    }

    [Fact]
    public void Rows_of_the_embedding_beyond_the_tokenizers_ids_are_never_drawn_nor_looked_at()
    {
        float[] padded = [.. Logits, 50, float.NaN];
        foreach (var sampling in new[] { SamplingOptions.Greedy, new SamplingOptions { Temperature = 1e-3f }, new SamplingOptions { TopK = 1 } })
        {
            Assert.Equal(1, Samplers.Of(sampling with { TopK = 1 }, 5, embedding: 7).Next(padded, 0));
        }

        var output = new OutputOptions { Logprobs = true, TopLogprobs = 20 };
        Assert.Equal(
            5, Samplers.Of(SamplingOptions.Greedy, 5, embedding: 7, output: output).Draw(padded, 0)!.Value.Logprob!.Value.Top.Length);
    }

    [Fact]
    public void Logprobs_are_the_students_own_before_penalties_temperature_and_cuts()
    {
        var sampling = new SamplingOptions
        {
            Temperature = 5,
            TopK = 1,
            RepetitionPenalty = 9,
            LogitBias = ImmutableDictionary<int, float>.Empty.Add(3, 50),
        };
        var sampler = Samplers.Of(sampling, 5, prompt: [1, 4], output: new OutputOptions { Logprobs = true, TopLogprobs = 3 });
        var sum = Math.Log(Logits.Sum(logit => Math.Exp(logit)));

        var drawn = sampler.Draw([.. Logits], 0)!.Value;

        Assert.Equal(3, drawn.Token);
        Assert.Equal(-1 - sum, drawn.Logprob!.Value.Logprob, 5);
        Assert.Equal([1, 4, 2], drawn.Logprob.Value.Top.Select(top => top.Token));
        Assert.Equal(2 - sum, drawn.Logprob.Value.Top[1].Logprob, 5);
    }

    [Fact]
    public void A_draw_depends_on_seed_sample_and_position_alone()
    {
        var logits = Samplers.RandomLogits(2_000, 5, spread: 1);
        int[] Answer(ulong seed, int sample)
        {
            var sampler = Samplers.Of(new SamplingOptions(), 2_000, seed, sample);
            return [.. Enumerable.Range(0, 20).Select(position => sampler.Next(logits, position)!.Value)];
        }

        var neighbour = Samplers.Of(new SamplingOptions { TopK = 3 }, 2_000, 9);
        _ = neighbour.Next(logits, 3);
        Assert.Equal(Answer(7, 0), Answer(7, 0));
        Assert.NotEqual(Answer(7, 0), Answer(8, 0));
        Assert.NotEqual(Answer(7, 0), Answer(7, 1));
        Assert.Equal(64, Enumerable.Range(0, 64).Select(sample => string.Join(',', Answer(7, sample))).Distinct().Count());
    }

    [Fact]
    public void Uniform_numbers_fill_zero_to_one_evenly_over_positions_samples_and_seeds()
    {
        Assert.Equal(0.5, Enumerable.Range(0, 10_000).Average(position => PositionRandom.Uniform(3, 0, position)), 0.02);
        Assert.Equal(0.5, Enumerable.Range(0, 10_000).Average(sample => PositionRandom.Uniform(3, sample, 0)), 0.02);
        Assert.Equal(0.5, Enumerable.Range(0, 10_000).Average(seed => PositionRandom.Uniform((ulong)seed, 0, 0)), 0.02);
        Assert.All(Enumerable.Range(0, 10_000), position => Assert.InRange(PositionRandom.Uniform(3, 0, position), 0, 1 - 1e-16));
    }

    private static int[] Drawn(SamplingOptions sampling) =>
        [.. Samplers.Of(sampling, 5).Count(Logits, 20_000).Index().Where(pair => pair.Item > 0).Select(pair => pair.Index)];
}
