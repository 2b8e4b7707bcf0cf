using System.ComponentModel.DataAnnotations;

namespace Orca.Serving.Hosting;

/// <summary>Where a server listens and how it ends.</summary>
public sealed record ServingOptions
{
    /// <summary>The port unless told otherwise.</summary>
    public const int DefaultPort = 5_400;

    /// <summary>Address to listen on. Default <c>127.0.0.1</c>: this machine alone. There is no authentication: listen elsewhere only on a network you trust.</summary>
    [Required]
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>Port to listen on; 0 takes any that is free. Default 5400.</summary>
    [Range(0, 65_535)]
    public int Port { get; init; } = DefaultPort;

    /// <summary>Bytes of a received message at most. Default 4 MiB.</summary>
    [Range(1_024, 1 << 30)]
    public int MaxMessageBytes { get; init; } = 4 << 20;

    /// <summary>Base address of a collector that is sent metrics and traces by OTLP over HTTP; null: the one of OTEL_EXPORTER_OTLP_ENDPOINT, if it is set.</summary>
    public Uri? Collector { get; init; }

    /// <summary>Time that requests in flight have to finish when the server stops. Default 5 s.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(5);
}
