using System.Net.Http.Headers;

namespace Orca.Cli.Clients;

/// <summary>Shows a key with every request.</summary>
/// <param name="key">The key; null or empty for none.</param>
/// <param name="next">Sends the requests.</param>
internal sealed class KeyHeader(string? key, HttpMessageHandler next) : DelegatingHandler(next)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(key))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
