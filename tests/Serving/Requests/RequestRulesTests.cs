using System.Collections.Immutable;
using CsCheck;
using Orca.Serving.Requests;

namespace Orca.Serving.Tests.Requests;

public class RequestRulesTests
{
    private static readonly GenerationRequest Good = new() { Prompt = PromptInput.StartToken };

    [Fact]
    public void Every_default_is_in_range() => RequestRules.Check(Good);

    [Fact]
    public void Every_fault_is_named_at_once()
    {
        var request = new GenerationRequest
        {
            RequestId = new string('x', 129),
            Prompt = new PromptInput.Tokens([]),
            CacheSalt = new string('x', 129),
            Sampling = new SamplingOptions
            {
                Temperature = float.NaN,
                TopP = 0,
                TopK = -1,
                MinP = 2,
                RepetitionPenalty = 0,
                PresencePenalty = 3,
                FrequencyPenalty = -3,
                LogitBias = ImmutableDictionary<int, float>.Empty.Add(-1, float.NaN),
                SampleCount = 65,
            },
            Stopping = new StoppingOptions { MaxTokens = 0, MinTokens = -1, StopStrings = [""], StopTokenIds = [-1] },
            Output = new OutputOptions { TopLogprobs = 21 },
            Scheduling = new SchedulingOptions { Tenant = new string('x', 65), MaxQueueTime = TimeSpan.Zero, Priority = (Priority)9 },
            Weights = new WeightPolicy { PinVersion = 0, MinVersion = -1, OnUpdate = (OnUpdate)9 },
        };

        Assert.Equal(
            [
                "request_id", "token_ids", "cache_salt", "sampling.temperature", "sampling.top_p", "sampling.top_k", "sampling.min_p",
                "sampling.repetition_penalty", "sampling.presence_penalty", "sampling.frequency_penalty", "sampling.logit_bias",
                "sampling.logit_bias", "sampling.sample_count", "stopping.max_tokens", "stopping.min_tokens", "stopping.stop_strings",
            ],
            Faults(request));
    }

    [Fact]
    public void Numbers_within_their_range_pass_and_all_others_are_named()
    {
        Check(value => new() { Temperature = value }, "sampling.temperature", value => value is >= 0 and <= 100);
        Check(value => new() { TopP = value }, "sampling.top_p", value => value is > 0 and <= 1);
        Check(value => new() { MinP = value }, "sampling.min_p", value => value is >= 0 and <= 1);
        Check(value => new() { RepetitionPenalty = value }, "sampling.repetition_penalty", value => value is >= 0.01f and <= 10);
        Check(value => new() { PresencePenalty = value }, "sampling.presence_penalty", value => value is >= -2 and <= 2);
        Check(value => new() { FrequencyPenalty = value }, "sampling.frequency_penalty", value => value is >= -2 and <= 2);
        Check(
            value => new() { LogitBias = ImmutableDictionary<int, float>.Empty.Add(7, value) },
            "sampling.logit_bias", value => value is >= -100 and <= 100);

        static void Check(Func<float, SamplingOptions> with, string field, Func<float, bool> allowed)
        {
            float[] edges = [float.NaN, float.NegativeInfinity, float.PositiveInfinity, 0, -0f, 1, -1, 2, -2, 10, 100, -100, float.Epsilon];
            Gen.OneOf(Gen.Float, Gen.Float[-3, 3], Gen.Float[-150, 150], Gen.Int[0, edges.Length - 1].Select(i => edges[i])).Sample(
                value => Assert.Equal(allowed(value) ? [] : [field], Faults(Good with { Sampling = with(value) })));
        }
    }

    [Fact]
    public void Counts_within_their_range_pass_and_all_others_are_named() => Gen.Int[-3, 70].Sample(count =>
    {
        var size = Math.Max(0, count);
        Expect(count is >= 1 and <= 64, "sampling.sample_count", Good with { Sampling = new SamplingOptions { SampleCount = count } });
        Expect(count >= 0, "sampling.top_k", Good with { Sampling = new SamplingOptions { TopK = count } });
        Expect(count >= 1, "stopping.max_tokens", Good with { Stopping = new StoppingOptions { MaxTokens = count } });
        Expect(
            count is >= 0 and <= 5, "stopping.min_tokens",
            Good with { Stopping = new StoppingOptions { MaxTokens = 5, MinTokens = count } });
        Expect(
            size <= 16, "stopping.stop_strings",
            Good with { Stopping = new StoppingOptions { StopStrings = [.. Enumerable.Repeat("x", size)] } });
        Expect(
            size <= 64, "stopping.stop_token_ids",
            Good with { Stopping = new StoppingOptions { StopTokenIds = [.. Enumerable.Repeat(1, size)] } });
        Expect(
            count is >= 0 and <= 20, "output.top_logprobs",
            Good with { Output = new OutputOptions { Logprobs = true, TopLogprobs = count } });
        Expect(count == 0, "output.top_logprobs", Good with { Output = new OutputOptions { TopLogprobs = count } });
        Expect(size <= 64, "scheduling.tenant", Good with { Scheduling = new SchedulingOptions { Tenant = new string('t', size) } });
        Expect(
            count >= 1, "weight_policy.pin_version",
            Good with { Weights = new WeightPolicy { PinVersion = count, MinVersion = Math.Clamp(count, 0, 1) } });

        static void Expect(bool allowed, string field, GenerationRequest request) => Assert.Equal(allowed ? [] : [field], Faults(request));
    });

    private static IEnumerable<string> Faults(GenerationRequest request)
    {
        try
        {
            RequestRules.Check(request);
            return [];
        }
        catch (GenerationException refusal)
        {
            Assert.Equal(Failure.InvalidRequest, refusal.Failure);
            return refusal.Fields.Select(fault => fault.Field);
        }
    }
}
