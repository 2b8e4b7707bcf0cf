using System.Collections.Immutable;
using Orca.Serving.Admission;
using Orca.Serving.Hosting;

namespace Orca.Cli.Configuration;

/// <summary>How the student is served.</summary>
internal sealed record ServingSettings
{
    [Setting("Address to listen on; anything but loopback needs certificateFile, and keyFile or clientAuthorityFile.")]
    public string Address { get; init; } = "127.0.0.1";

    [Setting("Port of the gRPC server, and of HTTP too where there is TLS; 0 takes a free one.", Minimum = 0, Maximum = 65_535)]
    public int Port { get; init; } = ServingOptions.DefaultPort;

    [Setting(
        "Port of the OpenAI-compatible HTTP server without TLS; 0 takes a free one; where absent 5480, or a free one where that is "
            + "taken.", Minimum = 0,
        Maximum = 65_535)]
    public int? HttpPort { get; init; }

    [Setting("PEM file of the server's certificate, with those between it and its authority; no TLS where absent.")]
    public string? CertificateFile { get; init; }

    [Setting("PEM file of the certificate's unencrypted private key; in certificateFile where absent.")]
    public string? CertificateKeyFile { get; init; }

    [Setting("PEM file of authorities that callers must show a certificate from; none is asked for where absent.")]
    public string? ClientAuthorityFile { get; init; }

    [Setting("What a client certificate opens where there is no keyFile.", OneOf = ["read", "priority", "control"])]
    public string ClientCertificateScope { get; init; } = "read";

    [Setting("File of the keys that callers must show one of, made by 'orca keys add' and read again when it changes; none is asked for where absent.")]
    public string? KeyFile { get; init; }

    [Setting(
        "Hosts that callers may ask for beside this machine's own names, such as orca.example or *.example; no effect where callers show "
            + "a key or a certificate.",
        MayBeEmpty = true)]
    public ImmutableArray<string> AllowedHosts { get; init; } = [];

    [Setting(
        "Origins of pages in a browser whose scripts may ask, such as https://app.example; * for any, the server's own alone where empty.",
        MayBeEmpty = true)]
    public ImmutableArray<string> CorsOrigins { get; init; } = [];

    [Setting("Longest message or request body received.", Unit = "bytes", Minimum = 1_024, Maximum = 1 << 30)]
    public int MaxMessageBytes { get; init; } = 4 << 20;

    [Setting("Connections at the same time; more are closed.", Unit = "connections", Minimum = 1, Maximum = 1_000_000)]
    public int MaxConnections { get; init; } = 1_024;

    [Setting("Requests answered side by side.", Unit = "requests", Minimum = 1, Maximum = 1_024)]
    public int MaxConcurrentRequests { get; init; } = 32;

    [Setting("Requests that may wait; more are refused.", Unit = "requests", Minimum = 1, Maximum = 65_536)]
    public int MaxQueuedRequests { get; init; } = 256;

    [Setting(
        "Tokens of prompts and answers that may wait together; more are refused, but one request always may.", Unit = "tokens", Minimum = 1,
        Maximum = 1e12)]
    public long MaxQueuedTokens { get; init; } = new AdmissionOptions().MaxQueuedTokens;

    [Setting(
        "Requests of one tenant that may wait or run at once; no limit of its own where absent.", Unit = "requests", Minimum = 1,
        Maximum = 1_048_576)]
    public int? MaxTenantRequests { get; init; }

    [Setting(
        "Tokens of one tenant's requests that may wait; no limit of its own where absent.", Unit = "tokens", Minimum = 1, Maximum = 1e12)]
    public long? MaxTenantQueuedTokens { get; init; }

    [Setting("What tenants' shares of the server are weighed by; 1 for those not named.", Minimum = 0.001, Maximum = 1_000)]
    public ImmutableSortedDictionary<string, double> TenantWeights { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    [Setting(
        "Waiting that a level of priority is worth: nobody is overtaken by who came this much later.", Unit = "seconds", Minimum = 0,
        Maximum = 86_400)]
    public double PriorityAgeingSeconds { get; init; } = new AdmissionOptions().PriorityAgeing.TotalSeconds;

    [Setting("Base address of a collector that is sent metrics and traces by OTLP over HTTP, such as http://127.0.0.1:4318; the one of OTEL_EXPORTER_OTLP_ENDPOINT, if that is set, where absent.")]
    public string? Collector { get; init; }

    [Setting(
        "Longest prompt and answer together; what the student was made for where absent.", Unit = "tokens", Minimum = 2,
        Maximum = 1_048_576)]
    public int? MaxContextTokens { get; init; }

    [Setting("Memory for keys and values; a longer context than fits is shortened to it.", Unit = "MiB", Minimum = 1, Maximum = 16_777_216)]
    public int MaxCacheMebibytes { get; init; } = 2_048;

    [Setting(
        "Time that a long prompt may delay the next tokens of other answers by, about.", Unit = "seconds", Minimum = 0.001, Maximum = 60)]
    public double MaxDecodeStallSeconds { get; init; } = 0.1;

    [Setting("Steps after which a prompt that has not moved goes before all others.", Unit = "steps", Minimum = 1, Maximum = 1_024)]
    public int PrefillPatience { get; init; } = 4;

    [Setting("Counts every block of the cache after every step, and stops the server where one is lost.")]
    public bool AuditCache { get; init; }

    [Setting(
        "What computes: the processor's own kernels (cpu), libtorch (torch), or what suits the device.", OneOf = ["auto", "cpu", "torch"])]
    public string Backend { get; init; } = "auto";

    [Setting(
        "What the student's weights are kept in when it is served; stored: as they lie in its files.",
        OneOf = ["stored", "fp32", "bf16", "int8", "int4"])]
    public string Weights { get; init; } = "stored";

    [Setting("What keys and values are kept in; auto: fp32 beside fp32 weights, else bf16.", OneOf = ["auto", "fp32", "bf16", "int8"])]
    public string Cache { get; init; } = "auto";

    [Setting(
        "Threads of a step; where absent all processors, but one fewer beside a trainer.", Unit = "threads", Minimum = 1, Maximum = 1_024)]
    public int? Threads { get; init; }

    [Setting("Time that requests in flight have to finish when the server stops.", Unit = "seconds", Minimum = 0, Maximum = 3_600)]
    public double StopGraceSeconds { get; init; } = 5;

    [Setting(
        "Versions kept in memory, the one that answers included; the others are there to return to.", Unit = "versions", Minimum = 1,
        Maximum = 64)]
    public int KeepVersions { get; init; } = 2;

    [Setting(
        "Memory that the weights of all versions may take; what the machine has room for where absent.", Unit = "bytes",
        Minimum = 1_048_576)]
    public long? MaxWeightBytes { get; init; }

    [Setting(
        "Whether a new version is loaded beside the one that answers or in its place; auto: beside where both fit.",
        OneOf = ["auto", "double", "inPlace"])]
    public string MemoryPlan { get; init; } = "auto";

    [Setting(
        "From one load of a followed folder's newest checkpoint to the next, at least.", Unit = "seconds", Minimum = 0, Maximum = 86_400)]
    public double MinReloadSeconds { get; init; } = 1;

    [Setting("Folders whose checkpoints LoadModelVersion may load, beside the one that is served.", MayBeEmpty = true)]
    public ImmutableArray<string> CheckpointFolders { get; init; } = [];

    [Setting("Questions that a version is probed with before it answers; two of its own where empty.", MayBeEmpty = true)]
    public ImmutableArray<string> ProbePrompts { get; init; } = [];

    [Setting(
        "How far a new version's answers to the probe may be from those of the version that answers.", Unit = "nats a token", Minimum = 0)]
    public double MaxProbeDivergence { get; init; } = 20;

    [Setting("Perplexity that a version may have on the probe; any where absent.", Minimum = 1)]
    public double? MaxProbePerplexity { get; init; }

    [Setting("Whether a version that does much worse than the one before is rolled back by itself.")]
    public bool Rollback { get; init; } = true;

    [Setting("Answers after which a version is taken to be sound.", Unit = "answers", Minimum = 1, Maximum = 1_000_000_000)]
    public int WatchedAnswers { get; init; } = 2_000;

    [Setting("Share of answers that end with their first token that a version may have beyond the one before.", Minimum = 0, Maximum = 1)]
    public double MaxEmptyIncrease { get; init; } = 0.25;

    [Setting(
        "How many times shorter or longer answers may get before a version is rolled back; any where absent: a student in training "
            + "learns when to stop.",
        Minimum = 1)]
    public double? MaxLengthChange { get; init; }
}
