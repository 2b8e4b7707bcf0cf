using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Orca.Serving.Requests;

namespace Orca.Serving.OpenAi;

/// <summary>Reads what a caller asks for.</summary>
internal static class RequestBody
{
    /// <summary>Fields that ask for nothing this server could leave out of the answer.</summary>
    private static readonly HashSet<string> Harmless =
        ["metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key", "parallel_tool_calls", "reasoning_effort", "verbosity"];

    /// <summary>The request in a JSON body.</summary>
    /// <exception cref="GenerationException">It is no such request, or asks for what is not served.</exception>
    /// <exception cref="BadHttpRequestException">It is too long.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : OpenAiRequest
    {
        try
        {
            var request = await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted)
                ?? throw GenerationException.Invalid("body", "is null; a JSON object is expected");
            var foreign = (request.Others ?? []).Where(field => field.Value.ValueKind != JsonValueKind.Null && !Harmless.Contains(field.Key)).ToList();
            return foreign.Count == 0
                ? request
                : throw GenerationException.Invalid(foreign.Select(field => new FieldFault(field.Key, "is not served here; leave it away")));
        }
        catch (JsonException fault)
        {
            var path = fault.Path is { Length: > 2 } found ? found[2..] : "body";
            throw GenerationException.Invalid(path, path == "body" ? "is no JSON object" : "has a value of the wrong type");
        }
    }
}
