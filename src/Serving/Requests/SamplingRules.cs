using static Orca.Serving.Requests.RequestRules;

namespace Orca.Serving.Requests;

/// <summary>The ranges of <see cref="SamplingOptions"/>.</summary>
internal static class SamplingRules
{
    private const float MaxTemperature = 100;
    private const float MinRepetitionPenalty = 0.01f;
    private const float MaxRepetitionPenalty = 10;
    private const float MaxPenalty = 2;
    private const float MaxBias = 100;
    private const int MaxBiasedTokens = 1_024;
    private const int MaxSamples = 64;

    /// <summary>Every field that is out of range.</summary>
    public static IEnumerable<FieldFault> Faults(SamplingOptions sampling)
    {
        // Each range is asked for in the affirmative, so that a value that is not a number is outside of it.
        if (!(sampling.Temperature is >= 0 and <= MaxTemperature))
        {
            yield return new("sampling.temperature", $"is {Show(sampling.Temperature)}; 0 to {MaxTemperature} is allowed");
        }

        if (!(sampling.TopP is > 0 and <= 1))
        {
            yield return new("sampling.top_p", $"is {Show(sampling.TopP)}; above 0, to 1 is allowed");
        }

        if (sampling.TopK < 0)
        {
            yield return new("sampling.top_k", $"is {sampling.TopK}; 0 or more is allowed");
        }

        if (!(sampling.MinP is >= 0 and <= 1))
        {
            yield return new("sampling.min_p", $"is {Show(sampling.MinP)}; 0 to 1 is allowed");
        }

        foreach (var fault in PenaltyFaults(sampling))
        {
            yield return fault;
        }

        if (sampling.SampleCount is < 1 or > MaxSamples)
        {
            yield return new("sampling.sample_count", $"is {sampling.SampleCount}; 1 to {MaxSamples} is allowed");
        }
    }

    private static IEnumerable<FieldFault> PenaltyFaults(SamplingOptions sampling)
    {
        if (!(sampling.RepetitionPenalty is >= MinRepetitionPenalty and <= MaxRepetitionPenalty))
        {
            yield return new(
                "sampling.repetition_penalty",
                $"is {Show(sampling.RepetitionPenalty)}; {Show(MinRepetitionPenalty)} to {MaxRepetitionPenalty} is allowed");
        }

        if (!(sampling.PresencePenalty is >= -MaxPenalty and <= MaxPenalty))
        {
            yield return new("sampling.presence_penalty", $"is {Show(sampling.PresencePenalty)}; {-MaxPenalty} to {MaxPenalty} is allowed");
        }

        if (!(sampling.FrequencyPenalty is >= -MaxPenalty and <= MaxPenalty))
        {
            yield return new(
                "sampling.frequency_penalty", $"is {Show(sampling.FrequencyPenalty)}; {-MaxPenalty} to {MaxPenalty} is allowed");
        }

        if (sampling.LogitBias.Count > MaxBiasedTokens)
        {
            yield return new("sampling.logit_bias", $"has {sampling.LogitBias.Count} entries; at most {MaxBiasedTokens} are allowed");
        }

        if (sampling.LogitBias.Keys.Any(token => token < 0))
        {
            yield return new("sampling.logit_bias", "has a token id below 0");
        }

        if (!sampling.LogitBias.Values.All(bias => bias is >= -MaxBias and <= MaxBias))
        {
            yield return new("sampling.logit_bias", $"has an entry outside of {-MaxBias} to {MaxBias}");
        }
    }
}
