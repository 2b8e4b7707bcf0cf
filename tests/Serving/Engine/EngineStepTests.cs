using System.Collections.Immutable;
using Orca.Model.Inference;
using Orca.Serving.Engine;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Engine;

/// <summary>What steps cost and what they owe to whoever shares them.</summary>
public class EngineStepTests
{
    // The step, not what its callers are told: texts and events are made for them, on their account.
    [Fact]
    public async Task A_decoding_step_allocates_nothing()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Speller(
            number, "abcdefghij", endless: true, context: 2048, backend: InferenceBackend.Cpu));
        var requests = Enumerable.Range(0, 4)
            .Select(_ => fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken))).ToList();
        await Patience.UntilAsync(() => fixture.Engine.Load.Steps > 300);
        var spans = new List<long>();
        for (var span = 0; span < 10; span++)
        {
            var (steps, bytes) = (fixture.Engine.Load.Steps, fixture.Engine.StepBytes);
            await Patience.UntilAsync(() => fixture.Engine.Load.Steps > steps + 100);
            spans.Add(fixture.Engine.StepBytes - bytes);
        }

        await Task.WhenAll(requests);

        // What every hundredth step allocated would show in every span; what the runtime grows once, on whichever thread, in few.
        Assert.True(spans.Count(bytes => bytes == 0) >= 5, string.Join(", ", spans));
    }

    // Pitfall 17: a reader that stalls slows no one, keeps no blocks, and finds all of its answer when it reads on.
    [Fact]
    public async Task A_reader_that_stalls_holds_up_nobody_and_misses_nothing()
    {
        await using var fixture = new EngineFixture(new EngineOptions { MaxConcurrentRequests = 2, Audit = true });
        await fixture.InstallAsync(number => ToyStudent.Speller(
            number, "abcdefghij", endless: true, context: 1024, backend: InferenceBackend.Cpu));
        var stalled = await Running.StartAsync(fixture, EngineFixture.Greedy(PromptInput.StartToken));
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(50, (await fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken, 50))).Text.Length);
        }

        await Patience.UntilAsync(() => fixture.Engine.Load is { Running: 0, UsedBlocks: 0 });
        var rest = await stalled.RestAsync();

        Assert.Equal(ToyStudent.Endless("abcdefghij", 1023), rest.Text);
        Assert.Equal(1023, rest.Tokens.Count);
        Assert.True(rest.Deltas < 64, $"{rest.Deltas} deltas for 1,023 tokens that nobody fetched");
    }

    // Pitfall 26: the same to the bit, likelihoods included, alone and among others.
    [Theory]
    [InlineData(InferenceBackend.Cpu, false)]
    [InlineData(InferenceBackend.Torch, true)]
    public async Task The_same_request_gives_the_same_tokens_and_likelihoods_to_the_bit_whoever_shares_the_batch(
        InferenceBackend backend, bool deterministic)
    {
        await using var fixture = new EngineFixture(new EngineOptions { Audit = true, MaxPrefillTokens = 40 });
        await fixture.InstallAsync(number => ToyStudent.Random(number, 3, backend));
        var request = new GenerationRequest
        {
            Prompt = new PromptInput.PlainText(string.Concat(Enumerable.Repeat("who shares the batch ", 4))),
            Sampling = new SamplingOptions { Seed = 11, TopP = 0.95f, Deterministic = deterministic },
            Stopping = new StoppingOptions { MaxTokens = 60, IgnoreEos = true },
            Output = new OutputOptions { Logprobs = true },
        };
        var alone = await fixture.Engine.GenerateAsync(request);
        var crowd = Enumerable.Range(0, 12).Select(i => fixture.Engine.GenerateAsync(
            EngineFixture.Greedy(new PromptInput.PlainText(new string('n', 3 + (i * 5))), 20 + (i * 7)))).ToList();
        var among = await Task.WhenAll(fixture.Engine.GenerateAsync(request), fixture.Engine.GenerateAsync(request));
        await Task.WhenAll(crowd);

        Assert.All(among, answer => Assert.Equal(alone.Tokens.AsEnumerable(), answer.Tokens));
        Assert.All(among, answer => Assert.Equal(BitsOf(alone), BitsOf(answer)));
    }

    [Theory]
    [InlineData(InferenceBackend.Cpu)]
    [InlineData(InferenceBackend.Torch)]
    public async Task Samples_are_drawn_each_for_itself_and_the_same_however_many_there_are(InferenceBackend backend)
    {
        await using var fixture = new EngineFixture(new EngineOptions { Audit = true, MaxConcurrentRequests = 3 });
        await fixture.InstallAsync(number => ToyStudent.Random(number, 3, backend));
        var five = await SamplesAsync(5);
        var two = await SamplesAsync(2);

        Assert.Equal(5, five.Distinct().Count());
        Assert.Equal(five[..2], two);

        async Task<ImmutableArray<string>> SamplesAsync(int count)
        {
            var texts = new string[count];
            var request = new GenerationRequest
            {
                Prompt = new PromptInput.PlainText("several answers to one prompt, please"),
                Sampling = new SamplingOptions { Seed = 5, SampleCount = count, Deterministic = true },
                Stopping = new StoppingOptions { MaxTokens = 24, IgnoreEos = true },
            };
            var ends = 0;
            await foreach (var happened in fixture.Engine.StreamAsync(request, TestContext.Current.CancellationToken))
            {
                if (happened is GenerationEvent.Delta delta)
                {
                    texts[delta.Sample] += delta.Text;
                }

                ends += happened is GenerationEvent.Finished ? 1 : 0;
            }

            Assert.Equal(count, ends);
            return [.. texts];
        }
    }

    // Pitfall 22: what can never fit is refused at the door, however small the cache is.
    [Fact]
    public async Task A_prompt_that_the_cache_can_never_hold_is_refused_at_the_door()
    {
        await using var fixture = new EngineFixture(new EngineOptions { MaxCacheBytes = 1 << 16, Audit = true });
        await fixture.InstallAsync(number => ToyStudent.Random(number, 3, InferenceBackend.Cpu));
        var context = fixture.Engine.Current.ContextTokens;
        var refusal = await Assert.ThrowsAsync<GenerationException>(
            () => fixture.Engine.GenerateAsync(EngineFixture.Greedy(new PromptInput.Tokens([.. Enumerable.Repeat(7, context)]))));
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => fixture.Engine.GenerateAsync(
            EngineFixture.Greedy(new PromptInput.Tokens([.. Enumerable.Repeat(i, 60)])) with
            {
                Stopping = new StoppingOptions { IgnoreEos = true },
            })));

        Assert.Equal(Failure.InvalidRequest, refusal.Failure);
        Assert.InRange(context, 62, 255);
        Assert.Contains($"context holds {context}", refusal.Message);
        Assert.All(answers, answer => Assert.Equal(context - 60, answer.Tokens.Length));
    }

    private static IEnumerable<int> BitsOf(Generation answer) =>
        answer.Logprobs.Select(token => BitConverter.SingleToInt32Bits(token.Logprob));
}
