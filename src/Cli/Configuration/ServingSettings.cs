using Orca.Serving.Hosting;

namespace Orca.Cli.Configuration;

/// <summary>How the student is served.</summary>
internal sealed record ServingSettings
{
    [Setting("Address to listen on; anything but loopback must be asked for, and there is no authentication.")]
    public string Address { get; init; } = "127.0.0.1";

    [Setting("Port of the gRPC server; 0 takes a free one.", Minimum = 0, Maximum = 65_535)]
    public int Port { get; init; } = ServingOptions.DefaultPort;

    [Setting("Requests answered side by side.", Unit = "requests", Minimum = 1, Maximum = 1_024)]
    public int MaxConcurrentRequests { get; init; } = 32;

    [Setting("Requests that may wait; more are refused.", Unit = "requests", Minimum = 1, Maximum = 65_536)]
    public int MaxQueuedRequests { get; init; } = 256;

    [Setting("Longest prompt and answer together; what the student was made for where absent.", Unit = "tokens", Minimum = 2, Maximum = 1_048_576)]
    public int? MaxContextTokens { get; init; }

    [Setting("Numbers the student computes with when it is served.", OneOf = ["fp32", "bf16"])]
    public string Compute { get; init; } = "fp32";

    [Setting("Time that requests in flight have to finish when the server stops.", Unit = "seconds", Minimum = 0, Maximum = 3_600)]
    public double StopGraceSeconds { get; init; } = 5;
}
