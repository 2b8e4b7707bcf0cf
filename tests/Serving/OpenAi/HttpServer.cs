using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orca.Serving.Engine;
using Orca.Serving.Tests.Grpc;

namespace Orca.Serving.Tests.OpenAi;

/// <summary>A server that is asked over HTTP.</summary>
internal sealed class HttpServer : IAsyncDisposable
{
    private HttpServer(ServerFixture server)
    {
        Grpc = server;
        Client = new HttpClient { BaseAddress = server.HttpEndpoint };
        // What is refused for its size is refused before it is sent.
        Client.DefaultRequestHeaders.ExpectContinue = true;
    }

    public ServerFixture Grpc { get; }

    public HttpClient Client { get; }

    public static async Task<HttpServer> StartAsync(string text, bool endless = false, int context = 256, EngineOptions? options = null) =>
        new(await ServerFixture.StartAsync(text, endless, context, options));

    public static async Task<HttpServer> StartEmptyAsync() => new(await ServerFixture.StartEmptyAsync());

    public Task<HttpResponseMessage> SendAsync(string path, object body, CancellationToken cancellationToken = default) =>
        Client.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, path)
            {
                Content = new StringContent(
                JsonSerializer.Serialize(body), Encoding.UTF8, "application/json")
            },
            HttpCompletionOption.ResponseHeadersRead,
            cancellationToken);

    /// <summary>A whole answer.</summary>
    public async Task<JsonNode> AskAsync(string path, object body)
    {
        using var response = await SendAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    /// <summary>Every event of a stream, [DONE] left out and asserted.</summary>
    public async Task<List<JsonNode>> StreamAsync(string path, object body)
    {
        using var response = await SendAsync(path, body);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var events = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("data: [DONE]", events[^1]);
        return [.. events.SkipLast(1).Select(line => JsonNode.Parse(line["data: ".Length..])!)];
    }

    /// <summary>A refusal's status and body.</summary>
    public async Task<(HttpResponseMessage Response, JsonNode Error)> RefusedAsync(string path, object body)
    {
        var response = await SendAsync(path, body);
        return (response, JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Grpc.DisposeAsync();
    }
}
