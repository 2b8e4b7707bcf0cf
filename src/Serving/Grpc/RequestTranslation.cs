using System.Collections.Immutable;
using Google.Protobuf.Collections;
using Orca.Protocol.Inference.V1;
using Orca.Serving.Requests;

namespace Orca.Serving.Grpc;

/// <summary>A request of the wire contract as the engine takes it. Absent fields get the engine's defaults.</summary>
internal static class RequestTranslation
{
    /// <summary>Translates; ranges are checked by the engine.</summary>
    /// <exception cref="GenerationException">There is no specification.</exception>
    public static GenerationRequest ToRequest(this GenerationSpec? spec) => spec is null
        ? throw GenerationException.Invalid("spec", "is absent; it says what to generate")
        : new GenerationRequest
        {
            RequestId = spec.RequestId,
            Prompt = PromptOf(spec),
            Sampling = SamplingOf(spec.Sampling ?? new SamplingParams()),
            Stopping = StoppingOf(spec.Stopping ?? new StoppingParams()),
        };

    /// <summary>Ids as the engine takes them; those beyond 31 bits become negative, which no vocabulary holds.</summary>
    public static ImmutableArray<int> ToTokens(this RepeatedField<uint> ids) => [.. ids.Select(id => unchecked((int)id))];

    /// <summary>A question as the engine takes it.</summary>
    public static PromptInput.Chat ToPrompt(this ChatPrompt chat) => new(chat.SystemMessage, chat.UserMessage);

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
            Seed = sampling.HasSeed ? sampling.Seed : defaults.Seed,
        };
    }

    private static StoppingOptions StoppingOf(StoppingParams stopping) => new()
    {
        MaxTokens = stopping.HasMaxTokens ? Bounded(stopping.MaxTokens) : null,
        StopStrings = [.. stopping.StopStrings],
        StopTokenIds = stopping.StopTokenIds.ToTokens(),
        IgnoreEos = stopping.IgnoreEos,
    };

    private static int Bounded(uint value) => (int)Math.Min(value, int.MaxValue);
}
