using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using Orca.Serving.Security;

namespace Orca.Serving.Hosting;

/// <summary>Where a server listens, whom it lets in, and how it ends.</summary>
public sealed record ServingOptions
{
    /// <summary>The gRPC port unless told otherwise.</summary>
    public const int DefaultPort = 5_400;

    /// <summary>The HTTP port unless told otherwise, where it is free.</summary>
    public const int DefaultHttpPort = 5_480;

    /// <summary>
    /// Address to listen on. Default <c>127.0.0.1</c>: this machine alone. Any other needs <see cref="CertificateFile"/>, and
    /// <see cref="KeyFile"/> or <see cref="ClientAuthorityFile"/>.
    /// </summary>
    [Required]
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>
    /// Port of gRPC, and of HTTP too where there is TLS, by which one port tells them apart; 0 takes any that is free. Default 5400.
    /// </summary>
    [Range(0, 65_535)]
    public int Port { get; init; } = DefaultPort;

    /// <summary>
    /// Port of HTTP without TLS; 0 takes any that is free. Null: 5480, or any that is free where that is taken. No effect with TLS.
    /// </summary>
    [Range(0, 65_535)]
    public int? HttpPort { get; init; }

    /// <summary>A PEM file of the server's certificate, with those between it and its authority; null: no TLS.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>A PEM file of the certificate's unencrypted private key; null: it is in <see cref="CertificateFile"/>.</summary>
    public string? CertificateKeyFile { get; init; }

    /// <summary>A PEM file of authorities; callers must show a certificate from one of them. Null: none is asked for.</summary>
    public string? ClientAuthorityFile { get; init; }

    /// <summary>
    /// What a caller may do whose certificate is from <see cref="ClientAuthorityFile"/>; without effect where there is a
    /// <see cref="KeyFile"/>, whose keys say it. Default read.
    /// </summary>
    public AccessScope ClientCertificateScope { get; init; } = AccessScope.Read;

    /// <summary>A <see cref="Security.KeyFile"/>; callers must show a key of it. Null: none is asked for.</summary>
    public string? KeyFile { get; init; }

    /// <summary>
    /// Hosts that callers may ask for beside this machine's own names, such as <c>orca.example</c> or <c>*.example</c>. No effect
    /// where callers show a key or a certificate.
    /// </summary>
    public ImmutableArray<string> AllowedHosts { get; init; } = [];

    /// <summary>
    /// Origins of pages whose scripts may ask, such as <c>https://app.example</c>; <c>*</c>: any. None but its own by default.
    /// </summary>
    public ImmutableArray<string> CorsOrigins { get; init; } = [];

    /// <summary>Bytes of a received message, or of a request's body, at most. Default 4 MiB.</summary>
    [Range(1_024, 1 << 30)]
    public int MaxMessageBytes { get; init; } = 4 << 20;

    /// <summary>
    /// Base address of a collector that is sent metrics and traces by OTLP over HTTP; null: the one of OTEL_EXPORTER_OTLP_ENDPOINT, if
    /// it is set.
    /// </summary>
    public Uri? Collector { get; init; }

    /// <summary>Connections at most. Default 1024.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; init; } = 1_024;

    /// <summary>Calls at the same time on one connection; further ones wait at the client. Default 1024.</summary>
    [Range(1, 1_000_000)]
    public int MaxCallsPerConnection { get; init; } = 1_024;

    /// <summary>Time that requests in flight have to finish when the server stops. Default 5 s.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(5);
}
