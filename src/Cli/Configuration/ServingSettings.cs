namespace Orca.Cli.Configuration;

/// <summary>How the student is served.</summary>
internal sealed record ServingSettings
{
    [Setting("Address to listen on; anything but loopback must be asked for.")]
    public string Address { get; init; } = "127.0.0.1";

    [Setting("Port of the gRPC server; 0 takes a free one.", Minimum = 0, Maximum = 65_535)]
    public int Port { get; init; } = 5_400;

    [Setting("Requests answered side by side.", Unit = "requests", Minimum = 1, Maximum = 4_096)]
    public int Slots { get; init; } = 32;

    [Setting("Longest prompt and answer together; the student's own limit where that is smaller.", Unit = "tokens", Minimum = 16, Maximum = 1_048_576)]
    public int ContextTokens { get; init; } = 512;

    [Setting("Requests that may wait for a slot; more are refused.", Unit = "requests", Minimum = 1, Maximum = 1_000_000)]
    public int QueueLimit { get; init; } = 256;

    [Setting("Number format the student computes in.", OneOf = ["bf16", "fp32"])]
    public string Compute { get; init; } = "fp32";
}
