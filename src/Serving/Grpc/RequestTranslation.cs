using System.Collections.Immutable;
using Google.Protobuf.Collections;
using Orca.Protocol.Inference.V1;
using Orca.Protocol.Model.V1;
using Orca.Serving.Requests;
using Orca.Serving.Security;
using WireOutput = Orca.Protocol.Inference.V1.OutputOptions;
using WirePriority = Orca.Protocol.Inference.V1.Priority;
using WireScheduling = Orca.Protocol.Inference.V1.SchedulingOptions;

namespace Orca.Serving.Grpc;

/// <summary>
/// A request of the wire contract as the engine takes it. Absent fields get the engine's defaults; ranges are checked by the engine.
/// </summary>
internal static class RequestTranslation
{
    /// <summary>Translates.</summary>
    /// <param name="spec">What the caller asks for.</param>
    /// <param name="caller">What is known of the caller beside it.</param>
    /// <exception cref="GenerationException">There is no specification, or a value has no meaning.</exception>
    public static GenerationRequest ToRequest(this GenerationSpec? spec, Caller caller) => spec is null
        ? throw GenerationException.Invalid("spec", "is absent; it says what to generate")
        : new GenerationRequest
        {
            RequestId = spec.RequestId,
            Prompt = PromptOf(spec),
            Sampling = SamplingOf(spec.Sampling ?? new SamplingParams()),
            Stopping = StoppingOf(spec.Stopping ?? new StoppingParams()),
            Output = OutputOf(spec.Output ?? new WireOutput()),
            Scheduling = SchedulingOf(spec.Scheduling ?? new WireScheduling(), caller),
            Weights = caller.Weights(spec.WeightPolicy),
            CacheSalt = spec.CacheSalt,
            Format = spec.FormatCase switch
            {
                GenerationSpec.FormatOneofCase.JsonSchema => new ResponseFormat.JsonSchema(spec.JsonSchema),
                GenerationSpec.FormatOneofCase.JsonObject => ResponseFormat.AnyJson,
                _ => ResponseFormat.AnyText,
            },
        };

    /// <summary>Ids as the engine takes them; those beyond 31 bits become negative, which no vocabulary holds.</summary>
    public static ImmutableArray<int> ToTokens(this RepeatedField<uint> ids) => [.. ids.Select(id => unchecked((int)id))];

    /// <summary>A place in the queue as the engine takes it.</summary>
    public static Requests.SchedulingOptions SchedulingOf(WireScheduling scheduling, Caller caller) => new()
    {
        Priority = scheduling.Priority switch
        {
            WirePriority.Unspecified or WirePriority.Normal => Requests.Priority.Normal,
            WirePriority.Low => Requests.Priority.Low,
            WirePriority.High when caller.Identity.May(AccessScope.Priority) => Requests.Priority.High,
            WirePriority.High => throw new GenerationException(
                Failure.PermissionDenied,
                $"The key '{caller.Identity.Name}' has the scope {caller.Identity.Scope.Text()}; high priority needs the scope priority: "
                    + "leave scheduling.priority away, or use a key of that scope.")
            { Subject = caller.Identity.Name },
            _ => throw GenerationException.Invalid("scheduling.priority", $"is {(int)scheduling.Priority}, which has no meaning"),
        },
        Caller = caller.Identity.Name,
        Tenant = scheduling.Tenant,
        MaxQueueTime = scheduling.MaxQueueTime?.ToTimeSpan(),
        Deadline = caller.Deadline,
    };

    /// <summary>What becomes of a running request, as the engine takes it; null where nothing was said.</summary>
    public static OnUpdate? ToOnUpdate(this InFlightUpdatePolicy policy, string field) => policy switch
    {
        InFlightUpdatePolicy.Unspecified => null,
        InFlightUpdatePolicy.Pin => OnUpdate.Pin,
        InFlightUpdatePolicy.Follow => OnUpdate.Follow,
        InFlightUpdatePolicy.Recompute => OnUpdate.Recompute,
        InFlightUpdatePolicy.Abort => OnUpdate.Abort,
        _ => throw GenerationException.Invalid(field, $"is {(int)policy}, which has no meaning"),
    };

    private static PromptInput PromptOf(GenerationSpec spec) => spec.InputCase switch
    {
        GenerationSpec.InputOneofCase.Text => new PromptInput.PlainText(spec.Text),
        GenerationSpec.InputOneofCase.TokenIds => new PromptInput.Tokens(spec.TokenIds.Ids.ToTokens()),
        GenerationSpec.InputOneofCase.Chat => spec.Chat.ToPrompt(),
        _ => PromptInput.StartToken,
    };

    private static SamplingOptions SamplingOf(SamplingParams sampling)
    {
        var defaults = new SamplingOptions();
        return new SamplingOptions
        {
            Temperature = sampling.HasTemperature ? sampling.Temperature : defaults.Temperature,
            TopP = sampling.HasTopP ? sampling.TopP : defaults.TopP,
            TopK = sampling.HasTopK ? Bounded(sampling.TopK) : defaults.TopK,
            MinP = sampling.HasMinP ? sampling.MinP : defaults.MinP,
            RepetitionPenalty = sampling.HasRepetitionPenalty ? sampling.RepetitionPenalty : defaults.RepetitionPenalty,
            PresencePenalty = sampling.HasPresencePenalty ? sampling.PresencePenalty : defaults.PresencePenalty,
            FrequencyPenalty = sampling.HasFrequencyPenalty ? sampling.FrequencyPenalty : defaults.FrequencyPenalty,
            LogitBias = sampling.LogitBias.ToImmutableDictionary(bias => unchecked((int)bias.Key), bias => bias.Value),
            Seed = sampling.HasSeed ? sampling.Seed : defaults.Seed,
            SampleCount = sampling.HasSampleCount ? Bounded(sampling.SampleCount) : defaults.SampleCount,
            Deterministic = sampling.Deterministic,
        };
    }

    private static StoppingOptions StoppingOf(StoppingParams stopping) => new()
    {
        MaxTokens = stopping.HasMaxTokens ? Bounded(stopping.MaxTokens) : null,
        MinTokens = Bounded(stopping.MinTokens),
        StopStrings = [.. stopping.StopStrings],
        StopTokenIds = stopping.StopTokenIds.ToTokens(),
        IgnoreEos = stopping.IgnoreEos,
        IncludeStop = stopping.IncludeStop,
    };

    private static Requests.OutputOptions OutputOf(WireOutput output) => new()
    {
        Logprobs = output.Logprobs,
        TopLogprobs = Bounded(output.TopLogprobs),
        PromptLogprobs = output.PromptLogprobs,
        Echo = output.Echo,
    };

    private static int Bounded(uint value) => (int)Math.Min(value, int.MaxValue);
}
