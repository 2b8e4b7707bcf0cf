using System.Net;
using System.Net.Http.Headers;
using Orca.Cli.Commands;

namespace Orca.Cli.Data;

/// <summary>
/// Asks servers for files. Redirections are followed to https alone, and from this machine to itself; proxies are those of the
/// environment.
/// </summary>
/// <param name="patience">How long a server may take to answer.</param>
internal sealed class DataServer(TimeSpan patience) : IDisposable
{
    private const int MostRedirections = 10;

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        ConnectTimeout = patience,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        DefaultRequestHeaders =
        {
            UserAgent = { new ProductInfoHeaderValue("orca", null) },
            // Lengths and ranges are those of the file, not of a packed form of it.
            AcceptEncoding = { new StringWithQualityHeaderValue("identity") },
        },
    };

    private bool _wasReached;

    /// <summary>Asks for a file, or for its rest.</summary>
    /// <param name="source">Its address.</param>
    /// <param name="from">The first byte wanted.</param>
    /// <param name="tag">The strong entity tag of the bytes that are there; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The reply, whatever its status, with its body still to come.</returns>
    /// <exception cref="TransferException">The connection was lost, or nothing came in time.</exception>
    /// <exception cref="CommandException">The server cannot be reached at all, or redirects to where it must not.</exception>
    public async Task<HttpResponseMessage> AskAsync(Uri source, long from, EntityTagHeaderValue? tag, CancellationToken cancellationToken)
    {
        var address = source;
        for (var hop = 0; hop <= MostRedirections; hop++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (from > 0)
            {
                request.Headers.Range = new RangeHeaderValue(from, null);
                request.Headers.IfRange = tag is null ? null : new RangeConditionHeaderValue(tag);
            }

            var reply = await SendAsync(request, cancellationToken);
            if ((int)reply.StatusCode is not (301 or 302 or 303 or 307 or 308) || reply.Headers.Location is not { } location)
            {
                return reply;
            }

            reply.Dispose();
            address = Follow(address, location);
        }

        throw new CommandException($"'{source}' redirects more than {MostRedirections} times; give the address that it ends at.");
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static Uri Follow(Uri from, Uri location)
    {
        var to = new Uri(from, location);
        return to.Scheme == Uri.UriSchemeHttps || (to is { Scheme: "http", IsLoopback: true } && from.IsLoopback)
            ? to
            : throw new CommandException($"'{from}' redirects to '{to}', which is not followed: only https is; give another address.");
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        waiting.CancelAfter(patience);
        try
        {
            var reply = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, waiting.Token);
            _wasReached = true;
            return reply;
        }
        catch (Exception failure) when (!_wasReached && IsUnreachable(failure))
        {
            // Trying again would only keep the user waiting.
            throw new CommandException(
                $"'{request.RequestUri!.GetLeftPart(UriPartial.Authority)}' cannot be reached "
                    + $"({failure.GetBaseException().Message.TrimEnd('.')}); check the network and start the same command again.",
                failure);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TransferException($"no answer came within {patience.TotalSeconds:0.#} s", inner: late);
        }
        catch (HttpRequestException failure)
        {
            throw new TransferException($"the connection failed ({failure.GetBaseException().Message.TrimEnd('.')})", inner: failure);
        }
    }

    private static bool IsUnreachable(Exception failure) => failure switch
    {
        // So a connection is told that is not made in time.
        OperationCanceledException { InnerException: TimeoutException } => true,
        HttpRequestException http => http.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
        _ => false,
    };
}
