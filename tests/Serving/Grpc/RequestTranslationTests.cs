using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using Orca.Model.Prompting;
using Orca.Protocol.Inference.V1;
using Orca.Protocol.Model.V1;
using Orca.Serving.Checkpoints;
using Orca.Serving.Grpc;
using Orca.Serving.Requests;
using Orca.Serving.Security;
using Asked = Orca.Serving.Requests;
using Wire = Orca.Protocol.Inference.V1;

namespace Orca.Serving.Tests.Grpc;

public class RequestTranslationTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static Caller Caller { get; } = new(
        new CallerIdentity("alice", AccessScope.Priority), Noon, new VersionLabels(new VersionRegistry(TimeProvider.System)));

    [Fact]
    public void Every_field_arrives()
    {
        var spec = new GenerationSpec
        {
            RequestId = "mine",
            Chat = new ChatPrompt
            {
                SystemMessage = "s",
                UserMessage = "u",
                EarlierTurns = { new ChatTurn { UserMessage = "q", AssistantMessage = "a" } },
            },
            Sampling = new SamplingParams
            {
                Temperature = 0.5f,
                TopP = 0.25f,
                TopK = 7,
                MinP = 0.125f,
                RepetitionPenalty = 1.5f,
                PresencePenalty = 0.75f,
                FrequencyPenalty = -0.5f,
                Seed = ulong.MaxValue,
                SampleCount = 3,
                Deterministic = true,
                LogitBias = { [5] = -100, [6] = 2 },
            },
            Stopping = new StoppingParams
            {
                MaxTokens = 9,
                MinTokens = 2,
                StopStrings = { "x", "y" },
                StopTokenIds = { 3, 4 },
                IgnoreEos = true,
                IncludeStop = true,
            },
            Output = new Wire.OutputOptions { Logprobs = true, TopLogprobs = 4, PromptLogprobs = true, Echo = true },
            Scheduling = new Wire.SchedulingOptions
            {
                Priority = Wire.Priority.High,
                Tenant = "team",
                MaxQueueTime = Duration.FromTimeSpan(TimeSpan.FromSeconds(2)),
            },
            WeightPolicy = new Wire.WeightPolicy { PinVersion = 12, OnUpdate = InFlightUpdatePolicy.Recompute, MinVersion = 11 },
            CacheSalt = "salt",
        };

        var request = spec.ToRequest(Caller);

        Assert.Equal("mine", request.RequestId);
        var chat = Assert.IsType<PromptInput.Chat>(request.Prompt);
        Assert.Equal(
            [new Message("system", "s"), new Message("user", "q"), new Message("assistant", "a"), new Message("user", "u")],
            chat.Conversation.Messages);
        Assert.Equal(ImmutableDictionary<int, float>.Empty.Add(5, -100).Add(6, 2), request.Sampling.LogitBias);
        Assert.Equal(
            new SamplingOptions
            {
                Temperature = 0.5f,
                TopP = 0.25f,
                TopK = 7,
                MinP = 0.125f,
                RepetitionPenalty = 1.5f,
                PresencePenalty = 0.75f,
                FrequencyPenalty = -0.5f,
                Seed = ulong.MaxValue,
                SampleCount = 3,
                Deterministic = true,
            },
            request.Sampling with { LogitBias = ImmutableDictionary<int, float>.Empty });
        Assert.Equal(
            (9, 2, true, true),
            (request.Stopping.MaxTokens, request.Stopping.MinTokens, request.Stopping.IgnoreEos, request.Stopping.IncludeStop));
        Assert.Equal(["x", "y"], request.Stopping.StopStrings);
        Assert.Equal([3, 4], request.Stopping.StopTokenIds);
        Assert.Equal(new Asked.OutputOptions { Logprobs = true, TopLogprobs = 4, PromptLogprobs = true, Echo = true }, request.Output);
        Assert.Equal(
            new Asked.SchedulingOptions
            {
                Priority = Asked.Priority.High,
                Caller = "alice",
                Tenant = "team",
                MaxQueueTime = TimeSpan.FromSeconds(2),
                Deadline = Noon,
            },
            request.Scheduling);
        Assert.Equal(new Asked.WeightPolicy { PinVersion = 12, MinVersion = 11, OnUpdate = OnUpdate.Recompute }, request.Weights);
        Assert.Equal("salt", request.CacheSalt);
    }

    [Fact]
    public void What_is_absent_is_the_default_and_not_zero()
    {
        var request = new GenerationSpec { Sampling = new SamplingParams(), Scheduling = new Wire.SchedulingOptions() }.ToRequest(Caller);

        Assert.Equal(new SamplingOptions(), request.Sampling);
        Assert.Equal(1, request.Sampling.Temperature);
        Assert.Equal(1, request.Sampling.SampleCount);
        Assert.Equal(
            (null, 0, false, false),
            (request.Stopping.MaxTokens, request.Stopping.MinTokens, request.Stopping.IgnoreEos, request.Stopping.IncludeStop));
        Assert.Equal(new Asked.WeightPolicy(), request.Weights);
        Assert.Equal(
            ("alice", "", Asked.Priority.Normal), (request.Scheduling.Caller, request.Scheduling.Tenant, request.Scheduling.Priority));
    }

    [Fact]
    public void A_value_without_a_meaning_is_refused_by_name()
    {
        AssertRefused(
            "scheduling.priority", new GenerationSpec { Scheduling = new Wire.SchedulingOptions { Priority = (Wire.Priority)9 } });
        AssertRefused(
            "weight_policy.on_update", new GenerationSpec { WeightPolicy = new Wire.WeightPolicy { OnUpdate = (InFlightUpdatePolicy)9 } });
        AssertRefused("weight_policy.version_label", new GenerationSpec { WeightPolicy = new Wire.WeightPolicy { VersionLabel = "best" } });
        AssertRefused("spec", null);
    }

    private static void AssertRefused(string field, GenerationSpec? spec) =>
        Assert.Equal(field, Assert.Throws<GenerationException>(() => spec.ToRequest(Caller)).Fields.Single().Field);
}
