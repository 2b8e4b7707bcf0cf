using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Orca.Serving.Requests;

namespace Orca.Serving.OpenAi;

/// <summary>What the two kinds of request have in common, as the engine takes it; ranges are checked there.</summary>
internal static class RequestOptions
{
    /// <summary>A request without its prompt's own options.</summary>
    /// <param name="request">What was asked.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="maxTokens">Tokens of the answer at most; null: as the context has room.</param>
    /// <param name="weights">Which weights answer.</param>
    /// <param name="caller">Name of the caller's key or certificate; empty where it needs none.</param>
    /// <exception cref="GenerationException">A value has no meaning.</exception>
    public static GenerationRequest ToRequest(
        this OpenAiRequest request, PromptInput prompt, int? maxTokens, WeightPolicy weights, string caller)
    {
        var defaults = new SamplingOptions();
        return new GenerationRequest
        {
            Prompt = prompt,
            Weights = weights,
            Sampling = new SamplingOptions
            {
                Temperature = request.Temperature ?? defaults.Temperature,
                TopP = request.TopP ?? defaults.TopP,
                TopK = request.TopK is { } k and not -1 ? k : defaults.TopK,
                MinP = request.MinP ?? defaults.MinP,
                RepetitionPenalty = request.RepetitionPenalty ?? defaults.RepetitionPenalty,
                PresencePenalty = request.PresencePenalty ?? defaults.PresencePenalty,
                FrequencyPenalty = request.FrequencyPenalty ?? defaults.FrequencyPenalty,
                LogitBias = BiasOf(request.LogitBias),
                Seed = request.Seed is { } seed ? unchecked((ulong)seed) : null,
                SampleCount = request.N ?? defaults.SampleCount,
            },
            Stopping = new StoppingOptions
            {
                MaxTokens = maxTokens,
                MinTokens = request.MinTokens ?? 0,
                StopStrings = StopsOf(request.Stop),
                StopTokenIds = [.. request.StopTokenIds ?? []],
                IgnoreEos = request.IgnoreEos ?? false,
            },
            Scheduling = new SchedulingOptions { Caller = caller, Tenant = request.User ?? "" },
        };
    }

    private static ImmutableDictionary<int, float> BiasOf(Dictionary<string, float>? bias)
    {
        var ids = ImmutableDictionary.CreateBuilder<int, float>();
        foreach (var (text, value) in bias ?? [])
        {
            ids[int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                ? id
                : throw GenerationException.Invalid("sampling.logit_bias", $"names '{text}', which is no token id")] = value;
        }

        return ids.ToImmutable();
    }

    private static ImmutableArray<string> StopsOf(JsonElement? stop) => stop switch
    {
        null or { ValueKind: JsonValueKind.Null } => [],
        { ValueKind: JsonValueKind.String } text => [text.GetString()!],
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String) =>
            [.. list.EnumerateArray().Select(one => one.GetString()!)],
        _ => throw GenerationException.Invalid("stop", "is neither a text nor a list of texts"),
    };
}
