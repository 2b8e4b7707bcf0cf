using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orca.Streams.Teachers.Endpoints;

namespace Orca.Streams.Teachers.Batches;

/// <summary>The files of a batch: requests in, answers out, one line each.</summary>
internal static class BatchFile
{
    /// <summary>What every request of a batch calls.</summary>
    public const string ChatEndpoint = "/v1/chat/completions";

    /// <summary>The file of requests; each is called by its <see cref="TeacherRequest.Id"/>.</summary>
    public static byte[] Of(IEnumerable<AskedRequest> asked, EndpointOptions endpoint)
    {
        var lines = new StringBuilder();
        foreach (var (request, _, _) in asked)
        {
            var body = ChatRequestBody.Of(TeacherEndpoint.MessagesOf(request), TeacherEndpoint.OptionsOf(endpoint), endpoint);
            var line = new JsonObject
            {
                ["custom_id"] = request.Id,
                ["method"] = "POST",
                ["url"] = ChatEndpoint,
                ["body"] = JsonNode.Parse(body),
            };
            lines.Append(line.ToJsonString()).Append('\n');
        }

        return Encoding.UTF8.GetBytes(lines.ToString());
    }

    /// <summary>What became of each request that a file of answers or of refusals tells of, by the request's id.</summary>
    public static IEnumerable<(string Id, Attempt Attempt)> Read(string path)
    {
        foreach (var line in File.Exists(path) ? File.ReadLines(path).Where(line => line.Length > 0) : [])
        {
            if (Of(line) is { } told)
            {
                yield return told;
            }
        }
    }

    private static (string Id, Attempt Attempt)? Of(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            return root.GetProperty("custom_id").GetString() is { } id ? (id, AttemptOf(root)) : null;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            // Whoever it was about is told of nowhere, and asked again.
            return null;
        }
    }

    private static Attempt AttemptOf(JsonElement line)
    {
        if (line.TryGetProperty("response", out var response) && response.ValueKind == JsonValueKind.Object)
        {
            var body = response.GetProperty("body").GetRawText();
            var status = response.GetProperty("status_code").GetInt32();
            return status is >= 200 and < 300 ? ChatCompletion.Read(Encoding.UTF8.GetBytes(body)) : ChatFaults.Of(status, body);
        }

        return line.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
            ? ChatFaults.Within(error)
            : Attempt.Malformed("no response");
    }
}
