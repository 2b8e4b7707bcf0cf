using System.Globalization;
using Orca.Serving.Sampling.Json;

namespace Orca.Serving.Requests;

/// <summary>
/// The ranges of a request's fields that hold for every student. Every fault is named at once, by its field's name on the wire.
/// </summary>
internal static class RequestRules
{
    private const int MaxRequestIdLength = 128;
    private const int MaxCacheSaltLength = 128;
    private const int MaxTenantLength = 64;
    private const int MaxTopLogprobs = 20;
    private const int MaxScoredVersions = 8;

    /// <summary>Throws, naming every fault at once, where a field is out of range.</summary>
    /// <exception cref="GenerationException">A field is out of range.</exception>
    public static void Check(GenerationRequest request) => Throw(
        CommonFaults(request.RequestId, request.Prompt, request.CacheSalt)
            .Concat(SamplingRules.Faults(request.Sampling))
            .Concat(StoppingRules.Faults(request.Stopping))
            .Concat(OutputFaults(request.Output))
            .Concat(SchedulingFaults(request.Scheduling))
            .Concat(WeightFaults(request.Weights))
            .Concat(JsonForms.FaultOf(request.Format) is { } fault ? [fault] : []));

    /// <summary>Throws, naming every fault at once, where a field is out of range.</summary>
    /// <exception cref="GenerationException">A field is out of range.</exception>
    public static void Check(ScoreRequest request) => Throw(
        CommonFaults(request.RequestId, request.Prompt, request.CacheSalt)
            .Concat(ScoreFaults(request))
            .Concat(SchedulingFaults(request.Scheduling)));

    /// <summary>A number as messages show it.</summary>
    internal static string Show(float value) => value.ToString(CultureInfo.InvariantCulture);

    private static void Throw(IEnumerable<FieldFault> found)
    {
        var faults = found.ToList();
        if (faults.Count > 0)
        {
            throw GenerationException.Invalid(faults);
        }
    }

    private static IEnumerable<FieldFault> CommonFaults(string requestId, PromptInput prompt, string cacheSalt)
    {
        if (requestId.Length > MaxRequestIdLength)
        {
            yield return new("request_id", $"has {requestId.Length} characters; at most {MaxRequestIdLength} are allowed");
        }

        if (prompt is PromptInput.Tokens { Ids.IsDefaultOrEmpty: true })
        {
            yield return new("token_ids", "is empty; at least one token is needed");
        }

        if (cacheSalt.Length > MaxCacheSaltLength)
        {
            yield return new("cache_salt", $"has {cacheSalt.Length} characters; at most {MaxCacheSaltLength} are allowed");
        }
    }

    private static IEnumerable<FieldFault> OutputFaults(OutputOptions output)
    {
        if (output.TopLogprobs is < 0 or > MaxTopLogprobs)
        {
            yield return new("output.top_logprobs", $"is {output.TopLogprobs}; 0 to {MaxTopLogprobs} is allowed");
        }
        else if (output is { TopLogprobs: > 0, Logprobs: false, PromptLogprobs: false })
        {
            yield return new("output.top_logprobs", $"is {output.TopLogprobs} though no logprobs are asked for; ask for them, or leave it away");
        }
    }

    private static IEnumerable<FieldFault> SchedulingFaults(SchedulingOptions scheduling)
    {
        if (!Enum.IsDefined(scheduling.Priority))
        {
            yield return new("scheduling.priority", $"is {(int)scheduling.Priority}, which is no priority");
        }

        if (scheduling.Tenant.Length > MaxTenantLength)
        {
            yield return new("scheduling.tenant", $"has {scheduling.Tenant.Length} characters; at most {MaxTenantLength} are allowed");
        }

        if (scheduling.MaxQueueTime is { } wait && wait <= TimeSpan.Zero)
        {
            yield return new("scheduling.max_queue_time", $"is {Show((float)wait.TotalSeconds)} s; more than 0 is allowed");
        }
    }

    private static IEnumerable<FieldFault> WeightFaults(WeightPolicy weights)
    {
        if (weights.PinVersion is < 1)
        {
            yield return new("weight_policy.pin_version", $"is {weights.PinVersion}; versions are numbered from 1");
        }

        if (weights.MinVersion < 0)
        {
            yield return new("weight_policy.min_version", $"is {weights.MinVersion}; 0 or more is allowed");
        }

        if (weights.PinVersion >= 1 && weights.PinVersion < weights.MinVersion)
        {
            yield return new(
                "weight_policy.min_version", $"is {weights.MinVersion}, above weight_policy.pin_version, which is {weights.PinVersion}");
        }

        if (!Enum.IsDefined(weights.OnUpdate))
        {
            yield return new("weight_policy.on_update", $"is {(int)weights.OnUpdate}, which is no policy");
        }
    }

    private static IEnumerable<FieldFault> ScoreFaults(ScoreRequest request)
    {
        if (request.Target is ScoreTarget.Text { Value.Length: 0 })
        {
            yield return new("target_text", "is empty; leave it out to score the input's own tokens");
        }

        if (request.Target is ScoreTarget.Tokens { Ids.IsDefaultOrEmpty: true })
        {
            yield return new("target_token_ids", "is empty; leave it out to score the input's own tokens");
        }

        if (request.TopLogprobs is < 0 or > MaxTopLogprobs)
        {
            yield return new("top_logprobs", $"is {request.TopLogprobs}; 0 to {MaxTopLogprobs} is allowed");
        }

        if (request.Versions.Length > MaxScoredVersions)
        {
            yield return new("weight_versions", $"has {request.Versions.Length} entries; at most {MaxScoredVersions} are allowed");
        }

        if (request.Versions.Any(version => version < 1))
        {
            yield return new("weight_versions", "has an entry below 1; versions are numbered from 1");
        }
    }
}
