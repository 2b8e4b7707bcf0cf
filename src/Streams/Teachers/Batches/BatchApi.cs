using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orca.Streams.Teachers.Endpoints;

namespace Orca.Streams.Teachers.Batches;

/// <summary>
/// Calls the batch interface of an OpenAI-compatible endpoint, once each time. What is no success is thrown as a
/// <see cref="ChatCallException"/> that tells what it concerns.
/// </summary>
internal sealed class BatchApi : IDisposable
{
    private const string Marker = "orca_batch";
    private const int PageLength = 100;

    private readonly EndpointOptions options;
    private readonly TimeProvider time;
    private readonly HttpClient client;

    /// <exception cref="TeacherException">The key is missing, or a header cannot be sent.</exception>
    public BatchApi(EndpointOptions options, TimeProvider time)
    {
        (this.options, this.time) = (options, time);
        client = EndpointHttp.Open(options);
    }

    /// <summary>Uploads a file of requests, which costs nothing.</summary>
    /// <returns>Its id, and when it was stored by the endpoint's clock.</returns>
    public async Task<(string Id, long CreatedAt)> UploadAsync(string name, byte[] content, CancellationToken cancellationToken)
    {
        using var form = new MultipartFormDataContent();
        form.Add(new StringContent("batch"), "purpose");
        var file = new ByteArrayContent(content);
        file.Headers.ContentType = new MediaTypeHeaderValue("application/jsonl");
        form.Add(file, "file", name);
        var stored = await SendAsync(HttpMethod.Post, "/files", form, cancellationToken);
        return (Text(stored, "id") ?? throw Unreadable("no id of a file"), Whole(stored, "created_at"));
    }

    /// <summary>Creates a batch, which is paid for from then on.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> CreateAsync(string fileId, string marker, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["input_file_id"] = fileId,
            ["endpoint"] = BatchFile.ChatEndpoint,
            ["completion_window"] = "24h",
            ["metadata"] = new JsonObject { [Marker] = marker },
        };
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        return Text(await SendAsync(HttpMethod.Post, "/batches", content, cancellationToken), "id") ?? throw Unreadable("no id of a batch");
    }

    /// <summary>The batch that carries a marker; null where none does that is as young as <paramref name="since"/>.</summary>
    public async Task<string?> FindAsync(string marker, long since, CancellationToken cancellationToken)
    {
        for (string? after = null; ;)
        {
            var page = await SendAsync(
                HttpMethod.Get, $"/batches?limit={PageLength}" + (after is null ? "" : $"&after={after}"), null, cancellationToken);
            var batches = page.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Array
                ? data.EnumerateArray().ToList()
                : throw Unreadable("no list of batches");
            var found = batches.FirstOrDefault(batch => batch.ValueKind == JsonValueKind.Object
                && batch.TryGetProperty("metadata", out var metadata) && Text(metadata, Marker) == marker);
            if (found.ValueKind == JsonValueKind.Object)
            {
                return Text(found, "id");
            }

            // The newest come first.
            var hasMore = page.TryGetProperty("has_more", out var more) && more.ValueKind == JsonValueKind.True;
            if (!hasMore || batches.Count == 0 || Whole(batches[^1], "created_at") < since)
            {
                return null;
            }

            after = Text(batches[^1], "id");
        }
    }

    /// <summary>How far a batch is.</summary>
    public async Task<BatchState> LookAsync(BatchState state, CancellationToken cancellationToken)
    {
        var batch = await SendAsync(HttpMethod.Get, $"/batches/{state.BatchId}", null, cancellationToken);
        var status = Text(batch, "status") ?? throw Unreadable("no status of a batch");
        return status is not ("completed" or "failed" or "expired" or "cancelled") ? state : state with
        {
            Step = BatchStep.Ended,
            Status = status,
            OutputFileId = Text(batch, "output_file_id"),
            ErrorFileId = Text(batch, "error_file_id"),
            Answers = batch.TryGetProperty("request_counts", out var counts) ? (int)Whole(counts, "completed") : 0,
            Fault = status == "failed" ? ErrorsOf(batch) : null,
        };
    }

    /// <summary>Downloads a file, whole or not at all.</summary>
    public async Task DownloadAsync(string fileId, string path, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(options.Timeout);
        await GuardAsync(
            async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, EndpointHttp.AddressOf(options, $"/files/{fileId}/content"));
                using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
                await CheckAsync(response, patience.Token);
                await using var body = await response.Content.ReadAsStreamAsync(patience.Token);
                await BatchFolder.WriteAsync(path, file => CopyAsync(body, file, patience));
                return true;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        var body = LoneSurrogates.Replace(Encoding.UTF8.GetString(await FetchAsync(method, path, content, cancellationToken)));
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object ? json.RootElement.Clone() : throw Unreadable("no object");
        }
        catch (JsonException)
        {
            throw Unreadable("no JSON");
        }
    }

    private async Task<byte[]> FetchAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        return await GuardAsync(
            async () =>
            {
                using var request = new HttpRequestMessage(method, EndpointHttp.AddressOf(options, path)) { Content = content };
                using var response = await client.SendAsync(request, either.Token);
                await CheckAsync(response, either.Token);
                return await response.Content.ReadAsByteArrayAsync(either.Token);
            },
            cancellationToken);
    }

    // As long as bytes come, a file may take its time.
    private async Task CopyAsync(Stream from, Stream to, CancellationTokenSource patience)
    {
        var piece = new byte[64 << 10];
        while (await from.ReadAsync(piece, patience.Token) is > 0 and var count)
        {
            await WriteAsync(to, piece.AsMemory(0, count), patience.Token);
            patience.CancelAfter(options.Timeout);
        }
    }

    // Both ends of a copy throw alike: what this machine's disk refuses is not the endpoint's fault.
    private static async Task WriteAsync(Stream to, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await to.WriteAsync(bytes, cancellationToken);
        }
        catch (IOException failure)
        {
            throw new TeacherException(
                $"A batch's answers cannot be written ({failure.Message}); make room, and the next start downloads them again.", failure)
            {
                Fault = TeacherFault.Settings,
            };
        }
    }

    private static async Task CheckAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
        {
            var said = await response.Content.ReadAsStringAsync(cancellationToken);
            throw new ChatCallException(
                ChatFaults.Of((int)response.StatusCode, said) with { RetryAfter = RetryAfter.Of(response.Headers) });
        }
    }

    private async Task<T> GuardAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ChatCallException(AttemptReading.TimedOut(options.Timeout));
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ChatCallException(EndpointHttp.Broken(failure, isReached: failure is IOException));
        }
    }

    private static string ErrorsOf(JsonElement batch) =>
        batch.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Object
        && errors.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Array && data.GetArrayLength() > 0
            ? $"{Text(data[0], "code")}: {Text(data[0], "message")}"
            : "without a reason";

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static long Whole(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object
            && parent.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt64(out var number)
            ? number
            : 0;

    private static ChatCallException Unreadable(string what) => new(Attempt.Malformed(what));
}
