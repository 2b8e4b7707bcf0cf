using System.Globalization;

namespace Orca.Serving.Requests;

/// <summary>The ranges of a request's fields that hold for every student.</summary>
internal static class RequestRules
{
    private const int MaxRequestIdLength = 128;
    private const int MaxStopStrings = 16;
    private const int MaxStopStringLength = 256;
    private const int MaxStopTokens = 64;
    private const float MaxTemperature = 100;

    /// <summary>Throws, naming every fault at once, where a field is out of range.</summary>
    /// <exception cref="GenerationException">A field is out of range.</exception>
    public static void Check(GenerationRequest request)
    {
        var faults = Faults(request).ToList();
        if (faults.Count > 0)
        {
            throw GenerationException.Invalid(faults);
        }
    }

    private static IEnumerable<FieldFault> Faults(GenerationRequest request)
    {
        if (request.RequestId.Length > MaxRequestIdLength)
        {
            yield return new("request_id", $"has {request.RequestId.Length} characters; at most {MaxRequestIdLength} are allowed");
        }

        if (request.Prompt is PromptInput.Tokens { Ids.IsDefaultOrEmpty: true })
        {
            yield return new("token_ids", "is empty; at least one token is needed");
        }

        foreach (var fault in SamplingFaults(request.Sampling).Concat(StoppingFaults(request.Stopping)))
        {
            yield return fault;
        }
    }

    private static IEnumerable<FieldFault> SamplingFaults(SamplingOptions sampling)
    {
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
    }

    private static IEnumerable<FieldFault> StoppingFaults(StoppingOptions stopping)
    {
        if (stopping.MaxTokens is < 1)
        {
            yield return new("stopping.max_tokens", $"is {stopping.MaxTokens}; 1 or more is allowed");
        }

        if (stopping.StopStrings.Length > MaxStopStrings)
        {
            yield return new("stopping.stop_strings", $"has {stopping.StopStrings.Length} entries; at most {MaxStopStrings} are allowed");
        }

        if (stopping.StopStrings.Any(text => text.Length is 0 or > MaxStopStringLength))
        {
            yield return new("stopping.stop_strings", $"has an entry that is empty or longer than {MaxStopStringLength} characters");
        }

        if (stopping.StopTokenIds.Length > MaxStopTokens)
        {
            yield return new("stopping.stop_token_ids", $"has {stopping.StopTokenIds.Length} entries; at most {MaxStopTokens} are allowed");
        }
    }

    private static string Show(float value) => value.ToString(CultureInfo.InvariantCulture);
}
