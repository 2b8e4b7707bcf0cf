using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orca.Cli.Teacher.Batches;

/// <summary>One request of a batch's file.</summary>
/// <param name="CustomId">What its maker calls it.</param>
/// <param name="Request">What it asks.</param>
internal sealed record BatchLine(string CustomId, ChatRequest Request)
{
    /// <summary>The requests of a file, and what is wrong with it.</summary>
    public static (ImmutableArray<BatchLine> Lines, ImmutableArray<BatchError> Errors) Read(string path, string endpoint)
    {
        var (lines, errors) = (ImmutableArray.CreateBuilder<BatchLine>(), ImmutableArray.CreateBuilder<BatchError>());
        var ids = new HashSet<string>();
        foreach (var (text, index) in File.ReadLines(path).Select((text, index) => (text, index)).Where(line => line.text.Length > 0))
        {
            var (line, code, message) = Of(text, endpoint);
            if (line is not null && ids.Add(line.CustomId))
            {
                lines.Add(line);
            }
            else
            {
                errors.Add(line is null
                    ? new BatchError(code, message, index + 1)
                    : new BatchError("duplicate_custom_id", $"The custom_id '{line.CustomId}' is used more than once.", index + 1));
            }
        }

        if (lines.Count == 0 && errors.Count == 0)
        {
            errors.Add(new BatchError("empty_file", "The input file is empty.", null));
        }

        return (lines.ToImmutable(), errors.ToImmutable());
    }

    /// <summary>The line of an answered or refused request.</summary>
    public string Answered(int status, JsonNode? body) => new JsonObject
    {
        ["id"] = string.Create(CultureInfo.InvariantCulture, $"batch_req_{Guid.NewGuid():N}"),
        ["custom_id"] = CustomId,
        ["response"] = new JsonObject { ["status_code"] = status, ["request_id"] = $"{Guid.NewGuid():N}", ["body"] = body },
        ["error"] = null,
    }.ToJsonString();

    private static (BatchLine? Line, string Code, string Message) Of(string text, string endpoint)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var line = json.RootElement;
            if (line.ValueKind != JsonValueKind.Object || Text(line, "custom_id") is not { Length: > 0 } id
                || !line.TryGetProperty("body", out var body))
            {
                return (null, "missing_required_parameter", "A request must have custom_id, method, url and body.");
            }

            if (Text(line, "url") != endpoint || Text(line, "method") != "POST")
            {
                return (null, "invalid_url", $"A request must POST to '{endpoint}', which is the endpoint of the batch.");
            }

            var (request, fault) = ChatRequest.Of(body);
            return request is null ? (null, "invalid_request", fault!) : (new BatchLine(id, request), "", "");
        }
        catch (JsonException)
        {
            return (null, "invalid_json_line", "This line is not parseable as valid JSON.");
        }
    }

    private static string? Text(JsonElement line, string name) =>
        line.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
