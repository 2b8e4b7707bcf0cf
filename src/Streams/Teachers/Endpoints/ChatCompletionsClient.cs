using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;

namespace Orca.Streams.Teachers.Endpoints;

/// <summary>
/// A chat client for OpenAI-compatible endpoints that calls once, follows no redirection, bounds the reply and keeps what came back:
/// an answer as it was read in <see cref="ChatResponse.RawRepresentation"/>, anything else in a <see cref="ChatCallException"/>. Any
/// number of calls at once.
/// </summary>
internal sealed class ChatCompletionsClient : IChatClient
{
    /// <summary>Bytes that a reply may have: an answer of a million tokens is shorter.</summary>
    public const int MostBytes = 16 << 20;

    private readonly HttpClient client;
    private readonly Uri address;
    private readonly EndpointOptions options;

    /// <summary>A client for this endpoint; nothing is sent yet.</summary>
    /// <exception cref="TeacherException">The key is missing, or a header cannot be sent.</exception>
    public ChatCompletionsClient(EndpointOptions options)
    {
        this.options = options;
        address = EndpointHttp.AddressOf(options, "/chat/completions");
        client = EndpointHttp.Open(options);
    }

    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var isReached = false;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address)
            {
                Content = new StringContent(ChatRequestBody.Of(messages, options, this.options), Encoding.UTF8, "application/json"),
            };
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            isReached = true;
            return Read(response, await ReadAsync(response.Content, cancellationToken));
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ChatCallException(EndpointHttp.Broken(failure, isReached));
        }
    }

    /// <inheritdoc/>
    /// <remarks>The whole answer as one update: who collects answers has no use for their pieces.</remarks>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
        {
            yield return update;
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata)
            ? new ChatClientMetadata(options.Kind == EndpointKind.Azure ? "azure.ai.openai" : "openai", options.Url, options.Model)
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    private static ChatResponse Read(HttpResponseMessage response, byte[]? body)
    {
        var status = (int)response.StatusCode;
        var attempt = body is null ? Attempt.Malformed($"more than {MostBytes >> 20} MiB")
            : status is >= 200 and < 300 ? ChatCompletion.Read(body)
            : ChatFaults.Of(status, Encoding.UTF8.GetString(body));
        attempt = attempt with { RetryAfter = RetryAfter.Of(response.Headers), Limits = RateLimitHeaders.Of(response.Headers) };
        if (response.Headers.Location is { } elsewhere && status is >= 300 and < 400
            && Uri.TryCreate(response.RequestMessage?.RequestUri, elsewhere, out var whole))
        {
            attempt = attempt with
            {
                Message = $"{attempt.Message} and names {whole}: set that address, less /chat/completions, instead",
            };
        }

        return attempt.Fault is null
            ? AttemptReading.ResponseOf(attempt)
            : throw new ChatCallException(attempt) { Status = status, Body = body is null ? null : Encoding.UTF8.GetString(body) };
    }

    // Null where there is more than a reply can have.
    private static async Task<byte[]?> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        using var whole = new MemoryStream();
        var piece = new byte[16 << 10];
        while (await stream.ReadAsync(piece, cancellationToken) is > 0 and var count)
        {
            whole.Write(piece, 0, count);
            if (whole.Length > MostBytes)
            {
                return null;
            }
        }

        return whole.ToArray();
    }
}
