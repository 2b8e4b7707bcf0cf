using System.Collections.Immutable;
using CsCheck;
using Orca.Serving.Requests;
using Orca.Serving.Sampling;

namespace Orca.Serving.Tests.Sampling;

public class TokenSamplerPropertyTests
{
    private static readonly Gen<SamplingOptions> AnySampling =
        from temperature in Gen.Float[0.05f, 3]
        from topK in Gen.OneOf(Gen.Const(0), Gen.Int[1, 200])
        from topP in Gen.OneOf(Gen.Const(1f), Gen.Float[0.01f, 1])
        from minP in Gen.OneOf(Gen.Const(0f), Gen.Float[0, 1])
        from repetition in Gen.OneOf(Gen.Const(1f), Gen.Float[0.5f, 3])
        from presence in Gen.OneOf(Gen.Const(0f), Gen.Float[-2, 2])
        from frequency in Gen.OneOf(Gen.Const(0f), Gen.Float[-2, 2])
        select new SamplingOptions
        {
            Temperature = temperature,
            TopK = topK,
            TopP = topP,
            MinP = minP,
            RepetitionPenalty = repetition,
            PresencePenalty = presence,
            FrequencyPenalty = frequency,
        };

    [Fact]
    public void What_is_drawn_is_what_the_slow_way_would_draw_from() =>
        Gen.Select(AnySampling, Gen.Int[1, 1_500], Gen.Int, Gen.Double[0.01, 8]).Sample(
            (sampling, vocabulary, seed, spread) =>
            {
                var random = new Random(seed);
                var logits = Samplers.RandomLogits(vocabulary, seed, spread);
                int[] prompt = [.. Enumerable.Range(0, 10).Select(_ => random.Next(vocabulary))];
                int[] answer = [.. Enumerable.Range(0, 10).Select(_ => random.Next(vocabulary))];
                var biased = sampling with { LogitBias = ImmutableDictionary<int, float>.Empty.Add(random.Next(vocabulary), 3) };
                var sampler = Samplers.Of(biased, vocabulary, (ulong)seed, prompt: prompt);
                foreach (var token in answer)
                {
                    sampler.Accept(token);
                }

                var slow = SlowSampler.Distribution(logits, biased, sampling.RepetitionPenalty == 1 ? [] : prompt, answer);
                for (var position = 0; position < 30; position++)
                {
                    var drawn = sampler.Next(logits, position)!.Value;
                    // A token at the very edge of a cut may fall on its other side in fp32.
                    Assert.True(slow.ContainsKey(drawn) || IsAtTheEdge(slow, logits, drawn), $"{drawn} was drawn of {slow.Count}");
                }
            },
            iter: 300);

    [Fact]
    public void Every_token_that_may_be_drawn_is_drawn_as_often_as_the_slow_way_says() =>
        Gen.Select(AnySampling, Gen.Int[2, 12], Gen.Int).Sample(
            (sampling, vocabulary, seed) =>
            {
                const int draws = 4_000;
                var logits = Samplers.RandomLogits(vocabulary, seed, 1.5);
                var counts = Samplers.Of(sampling, vocabulary, (ulong)seed).Count(logits, draws);
                foreach (var (token, share) in SlowSampler.Distribution(logits, sampling, [], []))
                {
                    Assert.Equal(share, counts[token] / (double)draws, (5 * Math.Sqrt(share * (1 - share) / draws)) + 0.002);
                }
            },
            iter: 60);

    [Fact]
    public void The_likeliest_of_a_row_are_those_that_sorting_gives() =>
        Gen.Select(Gen.Int[1, 5_000], Gen.Int[1, 6_000], Gen.Int, Gen.Bool).Sample((vocabulary, k, seed, ties) =>
        {
            var logits = Samplers.RandomLogits(vocabulary, seed);
            logits = ties ? [.. logits.Select(logit => MathF.Round(logit))] : logits;
            var expected = Enumerable.Range(0, vocabulary).OrderByDescending(id => logits[id] + 0f).ThenBy(id => id).Take(k);

            var found = new Ranking().Greatest(logits, Math.Min(k, vocabulary));
            Ranking.Descending(found);

            Assert.Equal(expected, found.ToArray().Select(Ranking.IdOf));
        });

    [Fact]
    public void A_draw_allocates_nothing()
    {
        var logits = Samplers.RandomLogits(32_000, 1);
        var copy = new float[logits.Length];
        SamplingOptions[] ways =
        [
            SamplingOptions.Greedy, new(), new() { TopK = 40, TopP = 0.9f }, new() { TopP = 0.95f }, new() { MinP = 0.05f },
            new() { RepetitionPenalty = 1.2f, FrequencyPenalty = 0.1f },
        ];
        foreach (var sampling in ways)
        {
            var sampler = Samplers.Of(sampling, logits.Length, stopping: new StoppingOptions { MinTokens = 5 }, ends: [3]);
            Round(0);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var position = 1; position < 50; position++)
            {
                Round(position);
            }

            Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

            void Round(int position)
            {
                logits.CopyTo(copy, 0);
                sampler.Accept(sampler.Draw(copy, position)!.Value.Token);
            }
        }
    }

    [Fact]
    public void A_draw_does_not_depend_on_where_its_row_lies()
    {
        var logits = Samplers.RandomLogits(10_007, 3, spread: 1);
        var batch = new float[logits.Length + 40];
        foreach (var sampling in new SamplingOptions[] { new(), new() { TopP = 0.9f }, new() { TopK = 500 } })
        {
            var sampler = Samplers.Of(sampling, logits.Length);
            for (var position = 0; position < 40; position++)
            {
                var row = batch.AsSpan(position, logits.Length);
                logits.CopyTo(row);
                Assert.Equal(sampler.Next(logits, position), sampler.Draw(row, position)!.Value.Token);
            }
        }
    }

    private static bool IsAtTheEdge(Dictionary<int, double> slow, float[] logits, int drawn) =>
        slow.Keys.Any(id => Math.Abs(logits[id] - logits[drawn]) < 2e-3) || slow.Values.Min() < 1e-5;
}
