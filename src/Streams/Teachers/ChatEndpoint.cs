using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Orca.Streams.Teachers;

/// <summary>Calls an OpenAI-compatible chat endpoint, once each time, and tells what became of it. Any number of calls at once.</summary>
internal sealed class ChatEndpoint : IDisposable
{
    /// <summary>Bytes that a reply may have: an answer of a million tokens is shorter.</summary>
    public const int MostBytes = 16 << 20;

    private readonly HttpClient client;
    private readonly Uri address;
    private readonly TimeSpan patience;
    private readonly TimeProvider time;

    /// <param name="baseUrl">Address up to, not including, <c>/chat/completions</c>; a query stays behind it.</param>
    /// <param name="key">What proves who asks; null where the endpoint wants nothing.</param>
    /// <param name="patience">Time for one answer, from request to last byte.</param>
    /// <param name="time">The clock.</param>
    public ChatEndpoint(Uri baseUrl, string? key, TimeSpan patience, TimeProvider time)
    {
        (this.patience, this.time) = (patience, time);
        address = new UriBuilder(baseUrl) { Path = baseUrl.AbsolutePath.TrimEnd('/') + "/chat/completions" }.Uri;
        client = new HttpClient(new SocketsHttpHandler
        {
            // Followed, a redirection would lose the key, or take it to another host.
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.All,
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (key is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            if (baseUrl.Host.EndsWith(".azure.com", StringComparison.OrdinalIgnoreCase))
            {
                client.DefaultRequestHeaders.Add("api-key", key);
            }
        }
    }

    /// <summary>One call.</summary>
    /// <param name="body">The request as JSON.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<Attempt> AskAsync(string body, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var isReached = false;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address)
            {
                Content = new StringContent(body, Encoding.UTF8, "application/json"),
            };
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            isReached = true;
            var bytes = await ReadAsync(response.Content, either.Token);
            return Read(response, bytes);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            return new Attempt(AttemptKind.TimedOut)
            {
                Fault = TeacherFault.Temporary,
                Message = string.Create(CultureInfo.InvariantCulture, $"gave no answer within {patience.TotalSeconds:0.###} s"),
                IsReached = isReached,
                Exception = failure,
            };
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new Attempt(AttemptKind.Broken)
            {
                Fault = TeacherFault.Temporary,
                Message = isReached
                    ? $"broke off in the middle of an answer ({failure.GetBaseException().Message})"
                    : $"cannot be reached ({failure.GetBaseException().Message})",
                IsReached = isReached,
                Exception = failure,
            };
        }
    }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    private static Attempt Read(HttpResponseMessage response, byte[]? body)
    {
        var status = (int)response.StatusCode;
        var attempt = body is null ? Attempt.Malformed($"more than {MostBytes >> 20} MiB")
            : status is >= 200 and < 300 ? ChatCompletion.Read(body)
            : ChatFaults.Of(status, Encoding.UTF8.GetString(body));
        attempt = attempt with { RetryAfter = RetryAfter.Of(response.Headers) };
        return response.Headers.Location is { } elsewhere && status is >= 300 and < 400
            ? attempt with { Message = $"{attempt.Message} and names {elsewhere}: set that address, less /chat/completions, instead" }
            : attempt;
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
