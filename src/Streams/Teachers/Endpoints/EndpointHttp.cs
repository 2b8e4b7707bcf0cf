using System.Net;
using System.Net.Http.Headers;

namespace Orca.Streams.Teachers.Endpoints;

/// <summary>How HTTP calls reach an endpoint: where, and with which headers.</summary>
internal static class EndpointHttp
{
    /// <summary>The address of a path of the interface; a query of the endpoint's own address stays behind it.</summary>
    /// <param name="options">The endpoint.</param>
    /// <param name="path">What follows <see cref="EndpointOptions.Url"/>, with a query where it has one.</param>
    public static Uri AddressOf(EndpointOptions options, string path)
    {
        var (own, query) = (options.Url.Query.TrimStart('?'), path.Split('?', 2));
        return new UriBuilder(options.Url)
        {
            Path = options.Url.AbsolutePath.TrimEnd('/') + query[0],
            Query = string.Join('&', new[] { own, query.Length > 1 ? query[1] : "" }.Where(part => part.Length > 0)),
        }.Uri;
    }

    /// <summary>A client that shows the endpoint's key and headers, follows no redirection and waits as long as its caller.</summary>
    /// <exception cref="TeacherException">The key is missing, or a header cannot be sent.</exception>
    public static HttpClient Open(EndpointOptions options)
    {
        var client = new HttpClient(new SocketsHttpHandler
        {
            // Followed, a redirection would lose the key, or take it to another host.
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.All,
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        Authorize(client, options);
        foreach (var (name, value) in options.Headers)
        {
            if (!client.DefaultRequestHeaders.TryAddWithoutValidation(name, value) || value.Any(char.IsControl))
            {
                throw new TeacherException($"The header '{name}' of the endpoint '{options.Name}' cannot be sent; mend it or leave it "
                    + "away.")
                {
                    Fault = TeacherFault.Settings,
                };
            }
        }

        return client;
    }

    /// <summary>The attempt that a call is whose connection failed.</summary>
    /// <param name="failure">How.</param>
    /// <param name="isReached">Whether a reply had begun.</param>
    public static Attempt Broken(Exception failure, bool isReached)
    {
        // Before there is a connection nothing is sent, so nothing can be charged for.
        var isSent = failure is not HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
        };
        var what = isReached ? "broke off in the middle of an answer" : isSent ? "broke off before it answered" : "cannot be reached";
        return new Attempt(AttemptKind.Broken)
        {
            Fault = TeacherFault.Temporary,
            Message = $"{what} ({failure.GetBaseException().Message})",
            IsReached = isReached,
            IsLost = isSent,
            Exception = failure,
        };
    }

    private static void Authorize(HttpClient client, EndpointOptions options)
    {
        if (EndpointKey.Of(options) is not { } key)
        {
            return;
        }

        if (options.Kind == EndpointKind.Azure)
        {
            client.DefaultRequestHeaders.Add("api-key", key);
            return;
        }

        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (options.Url.Host.EndsWith(".azure.com", StringComparison.OrdinalIgnoreCase))
        {
            client.DefaultRequestHeaders.Add("api-key", key);
        }
    }
}
