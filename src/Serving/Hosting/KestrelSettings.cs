using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Orca.Serving.Security;

namespace Orca.Serving.Hosting;

/// <summary>Where Kestrel listens, and what a caller may cost it.</summary>
internal static class KestrelSettings
{
    private const int MaxHeaderBytes = 16 * 1024;

    /// <summary>Applies the options.</summary>
    /// <param name="kestrel">What listens.</param>
    /// <param name="options">The options.</param>
    /// <param name="address">The address they name.</param>
    /// <param name="httpPort">Port of HTTP without TLS.</param>
    /// <param name="tls">What each handshake goes by; null for none.</param>
    public static void Apply(KestrelServerOptions kestrel, ServingOptions options, IPAddress address, int httpPort, TlsFiles? tls)
    {
        kestrel.AddServerHeader = false;
        Limit(kestrel.Limits, options);
        if (tls is not null)
        {
            // The handshake says which protocol follows (ALPN).
            kestrel.Listen(address, options.Port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(tls.ForHandshake()) });
            });
            return;
        }

        kestrel.Listen(address, options.Port, listen => listen.Protocols = HttpProtocols.Http2);
        kestrel.Listen(address, httpPort, listen => listen.Protocols = HttpProtocols.Http1);
    }

    private static void Limit(KestrelServerLimits limits, ServingOptions options)
    {
        // Pings keep connections through gateways. Kestrel answers a client's own pings however often they come, and so
        // never sends clients that ping every 30 s away.
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);

        // Small, so that a caller that stops reading is felt after a few thousand tokens and not after a megabyte.
        limits.Http2.InitialStreamWindowSize = 128 * 1024;
        limits.Http2.MaxStreamsPerConnection = options.MaxCallsPerConnection;
        limits.MaxConcurrentConnections = options.MaxConnections;
        limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        limits.Http2.MaxRequestHeaderFieldSize = MaxHeaderBytes / 2;

        // A gRPC message has five bytes before it, and its own limit speaks first.
        limits.MaxRequestBodySize = options.MaxMessageBytes + 1_024L;
    }
}
