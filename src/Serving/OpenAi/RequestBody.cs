using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Orca.Serving.Requests;

namespace Orca.Serving.OpenAi;

/// <summary>Reads what a caller asks for.</summary>
internal static class RequestBody
{
    private const string Whole = "body";

    /// <summary>Fields that ask for nothing this server could leave out of the answer.</summary>
    private static readonly HashSet<string> Harmless =
    [
        "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key", "prompt_cache_retention",
        "parallel_tool_calls", "reasoning_effort",
        "verbosity",
    ];

    /// <summary>Fields that ask for nothing where they have the value that is meant where they are absent.</summary>
    private static readonly Dictionary<string, Func<JsonElement, bool>> HarmlessValues = new(StringComparer.Ordinal)
    {
        ["tools"] = IsEmptyList,
        ["functions"] = IsEmptyList,
        ["tool_choice"] = value => IsText(value, "none") || IsText(value, "auto"),
        ["function_call"] = value => IsText(value, "none") || IsText(value, "auto"),
        ["modalities"] = value => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(kind => IsText(kind, "text")),
        ["suffix"] = value => IsText(value, ""),
        ["best_of"] = value => value.ValueKind == JsonValueKind.Number && value.GetDouble() == 1,
        ["length_penalty"] = value => value.ValueKind == JsonValueKind.Number && value.GetDouble() == 1,
        ["use_beam_search"] = value => value.ValueKind == JsonValueKind.False,
        ["include_stop_str_in_output"] = value => value.ValueKind == JsonValueKind.False,
        ["skip_special_tokens"] = value => value.ValueKind == JsonValueKind.True,
    };

    /// <summary>Why a body of this kind is not read; null where it is.</summary>
    public static string? FaultOf(HttpRequest request)
    {
        if (!request.HasJsonContentType())
        {
            // A page in a browser can send other types to any address without asking.
            return "The body is not said to be JSON; send 'content-type: application/json'.";
        }

        var charset = MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ? type.CharSet?.Trim('"') : null;
        return charset?.ToLowerInvariant() is not (null or "utf-8" or "utf8" or "us-ascii")
            ? $"The body is said to be in {charset}; send JSON in UTF-8."
            : request.Headers.ContentEncoding.Count > 0 && request.Headers.ContentEncoding != "identity"
            ? $"The body is said to be compressed ({request.Headers.ContentEncoding}); send it as it is."
            : null;
    }

    /// <summary>The request in a JSON body.</summary>
    /// <exception cref="GenerationException">It is no such request, or asks for what is not served.</exception>
    /// <exception cref="BadHttpRequestException">It is too long.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : OpenAiRequest
    {
        using var received = new MemoryStream();
        await ReceiveAsync(context, received);
        var request = Parse(received.GetBuffer().AsSpan(0, (int)received.Length), type);
        var foreign = (request.Others ?? []).Where(field => !IsHarmless(field.Key, field.Value)).ToList();
        return foreign.Count == 0
            ? request
            : throw GenerationException.Invalid(foreign.Select(field => new FieldFault(field.Key, "is not served here; leave it away")));
    }

    private static async Task ReceiveAsync(HttpContext context, MemoryStream received)
    {
        // The server's own limit would cut the connection while the caller still sends, and it would never see why.
        var size = context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>();
        var most = size.MaxRequestBodySize ?? long.MaxValue;
        if (!size.IsReadOnly)
        {
            size.MaxRequestBodySize = null;
        }

        if (context.Request.ContentLength > most)
        {
            throw TooLong(most);
        }

        var buffer = new byte[64 * 1024];
        for (int read; (read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0;)
        {
            received.Write(buffer, 0, read);
            if (received.Length > most)
            {
                throw TooLong(most);
            }
        }
    }

    private static BadHttpRequestException TooLong(long most) =>
        new($"The body is longer than {most} bytes, the most that is read.", StatusCodes.Status413PayloadTooLarge);

    private static T Parse<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
    {
        // Some editors and libraries begin a file with it.
        json = json.StartsWith("\uFEFF"u8) ? json[3..] : json;
        if (JsonText.FaultOf(json) is { } fault)
        {
            throw GenerationException.Invalid(fault.Field.Length > 0 ? fault.Field : Whole, fault.Message);
        }

        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw GenerationException.Invalid(Whole, "is null; a JSON object is expected");
        }
        catch (JsonException misfit)
        {
            var path = misfit.Path is { Length: > 2 } found ? found[2..] : Whole;
            throw GenerationException.Invalid(path, path == Whole ? "is no JSON object" : "has a value of the wrong type, or out of range");
        }
    }

    private static bool IsHarmless(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Null
            || Harmless.Contains(name)
            || (HarmlessValues.TryGetValue(name, out var asksForNothing) && asksForNothing(value));

    private static bool IsEmptyList(JsonElement value) => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0;

    private static bool IsText(JsonElement value, string text) => value.ValueKind == JsonValueKind.String && value.ValueEquals(text);
}
