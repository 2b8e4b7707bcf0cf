using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Orca.Cli.Clients;
using Orca.Cli.Commands;
using Orca.Cli.Configuration;
using Orca.Evaluation.Subjects;
using Orca.Model.Inference;
using Orca.Model.Prompting;
using Orca.Protocol.Inference.V1;
using Orca.Serving.Admission;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Hosting;
using Orca.Serving.Security;
using Orca.Streams.Curricula.Control;

namespace Orca.Cli.Daemon;

/// <summary>A student on gRPC, and this process's own client of it.</summary>
internal sealed class ServingSide : IAsyncDisposable
{
    private readonly StudentServer _server;
    private readonly ServingHost _host;
    private readonly GrpcChannel _channel;

    private ServingSide(StudentServer server, ServingHost host, bool isOpen)
    {
        (_server, _host) = (server, host);
        Completion = CompleteAsync();
        _channel = ServerAddress.Open(host.Endpoint);
        // A server that asks who calls is not asked by its own process, which has neither key nor certificate.
        var (local, remote) = (new LocalStudent(server.Engine, host.Endpoint.Authority),
            new RemoteStudent(new InferenceService.InferenceServiceClient(_channel), host.Endpoint.Authority));
        (Student, Scorer) = isOpen ? ((ITextGenerator)remote, (ITextScorer)remote) : (local, local);
    }

    /// <summary>Where it listens.</summary>
    public Uri Endpoint => _host.Endpoint;

    /// <summary>Where it speaks OpenAI's HTTP.</summary>
    public Uri HttpEndpoint => _host.HttpEndpoint;

    /// <summary>The student behind the server, asked over gRPC like anybody else asks.</summary>
    public ITextGenerator Student { get; }

    /// <summary>The student of one version that is in memory, asked behind all callers.</summary>
    public ITextGenerator StudentOf(long version) => new LocalStudent(_server.Engine, _host.Endpoint.Authority, version);

    /// <summary>The same student, asked how likely it finds answers.</summary>
    public ITextScorer Scorer { get; }

    /// <summary>How the version that answers is asked; null while none does.</summary>
    public PromptTemplate? Template => _server.Template;

    /// <summary>Every checkpoint the server has seen, and what became of it.</summary>
    public VersionRegistry Versions => _server.Versions;

    /// <summary>Ends when the server has been stopped; faulted with a <see cref="ServerStoppedException"/> where it broke.</summary>
    public Task Completion { get; }

    /// <summary>Starts to serve the newest checkpoint of a folder, which need not exist yet, and every later one.</summary>
    /// <exception cref="ServingException">The port is in use.</exception>
    public static Task<ServingSide> FollowAsync(
        string checkpoints, OrcaSettings settings, ILoggerFactory loggers, ICurriculumControl? control, IPromotionGate? gate,
        CancellationToken cancellationToken) =>
        HostAsync(
            StudentServer.Follow(
                checkpoints, EngineOptionsOf(BesideTrainer(settings)), loggers,
                loading: LoadingOptionsOf(settings.Serving) with { Gate = gate }), settings, loggers, control,
            cancellationToken);

    /// <summary>Starts to serve a model's folder, or the newest of a folder of checkpoints and every later one.</summary>
    /// <exception cref="Orca.Model.ModelFormatException">There is no model there.</exception>
    /// <exception cref="ServingException">The port is in use.</exception>
    public static async Task<ServingSide> OpenAsync(
        string model, OrcaSettings settings, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var server = await StudentServer.StartAsync(
            model, EngineOptionsOf(settings), loggers, loading: LoadingOptionsOf(settings.Serving), cancellationToken: cancellationToken);
        return await HostAsync(server, settings, loggers, null, cancellationToken);
    }

    /// <summary>Waits until a checkpoint answers.</summary>
    /// <param name="checkpoint">Name of its folder; null for any.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Its record: active, or rejected with the reason.</returns>
    /// <exception cref="ServerStoppedException">The server broke.</exception>
    public async Task<VersionRecord> LoadedAsync(string? checkpoint, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var loaded = FindLoadedAsync(checkpoint, ended.Token);
        if (await Task.WhenAny(loaded, Completion) == Completion)
        {
            await ended.CancelAsync();
            await ((Task)loaded).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Completion;
        }

        return await loaded;
    }

    private async Task<VersionRecord> FindLoadedAsync(string? checkpoint, CancellationToken cancellationToken)
    {
        await foreach (var version in Versions.WatchAsync(0, cancellationToken))
        {
            if ((checkpoint is null || version.Checkpoint == checkpoint) && version.State is VersionState.Active or VersionState.Rejected)
            {
                return version;
            }
        }

        throw new OperationCanceledException(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _host.DisposeAsync();
        await _server.DisposeAsync();
    }

    private async Task CompleteAsync()
    {
        try
        {
            await await Task.WhenAny(_server.Completion, _host.Broken);
        }
        catch (Exception fault)
        {
            throw ServerStoppedException.Of(fault);
        }
    }

    /// <summary>Leaves a processor to the trainer, where nothing else is asked for.</summary>
    private static OrcaSettings BesideTrainer(OrcaSettings settings) =>
        settings with
        {
            Serving = settings.Serving with { Threads = settings.Serving.Threads ?? Math.Max(1, Environment.ProcessorCount - 1) },
        };

    /// <summary>The engine's options that the settings describe.</summary>
    public static EngineOptions EngineOptionsOf(OrcaSettings settings) => new()
    {
        MaxConcurrentRequests = settings.Serving.MaxConcurrentRequests,
        MaxQueuedRequests = settings.Serving.MaxQueuedRequests,
        Admission = AdmissionOptionsOf(settings.Serving),
        MaxContextTokens = settings.Serving.MaxContextTokens,
        MaxCacheBytes = (long)settings.Serving.MaxCacheMebibytes << 20,
        MaxDecodeStall = TimeSpan.FromSeconds(settings.Serving.MaxDecodeStallSeconds),
        PrefillPatience = settings.Serving.PrefillPatience,
        Audit = settings.Serving.AuditCache,
        Inference = new InferenceOptions
        {
            Device = settings.Run.Device,
            Backend = Enum.Parse<InferenceBackend>(settings.Serving.Backend, ignoreCase: true),
            Weights = settings.Serving.Weights == "stored"
                ? WeightFormat.AsStored
                : Enum.Parse<WeightFormat>(settings.Serving.Weights, ignoreCase: true),
            Cache = Enum.Parse<CacheFormat>(settings.Serving.Cache, ignoreCase: true),
            Threads = settings.Serving.Threads,
        },
    };

    /// <summary>How new versions are checked, taken over and kept, as the settings describe it.</summary>
    public static LoadingOptions LoadingOptionsOf(ServingSettings settings)
    {
        var usual = new LoadingOptions();
        return usual with
        {
            KeepVersions = settings.KeepVersions,
            MaxWeightBytes = settings.MaxWeightBytes,
            Plan = settings.MemoryPlan switch
            {
                "double" => MemoryPlan.DoubleBuffered,
                "inPlace" => MemoryPlan.InPlace,
                _ => MemoryPlan.Auto,
            },
            CheckpointFolders = settings.CheckpointFolders,
            MinInterval = TimeSpan.FromSeconds(settings.MinReloadSeconds),
            ProbePrompts = settings.ProbePrompts.IsEmpty ? usual.ProbePrompts : settings.ProbePrompts,
            MaxProbeDivergence = settings.MaxProbeDivergence,
            MaxProbePerplexity = settings.MaxProbePerplexity,
            Tripwire = usual.Tripwire with
            {
                Enabled = settings.Rollback,
                WatchedAnswers = settings.WatchedAnswers,
                MaxEmptyIncrease = settings.MaxEmptyIncrease,
                MaxLengthChange = settings.MaxLengthChange,
            },
        };
    }

    /// <summary>Who may wait and in which order, as the settings describe it.</summary>
    private static AdmissionOptions AdmissionOptionsOf(ServingSettings settings) => new()
    {
        MaxQueuedTokens = settings.MaxQueuedTokens,
        MaxTenantRequests = settings.MaxTenantRequests,
        MaxTenantQueuedTokens = settings.MaxTenantQueuedTokens,
        TenantWeights = settings.TenantWeights,
        PriorityAgeing = TimeSpan.FromSeconds(settings.PriorityAgeingSeconds),
    };

    private static Uri? CollectorOf(ServingSettings settings) => settings.Collector is not { } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address
        : throw new CommandException($"Setting serving.collector is '{text}'; expected the base address of a collector, such as "
            + "http://127.0.0.1:4318.");

    private static async Task<ServingSide> HostAsync(
        StudentServer server, OrcaSettings settings, ILoggerFactory loggers, ICurriculumControl? control,
        CancellationToken cancellationToken)
    {
        try
        {
            var options = ServingOptionsOf(settings.Serving);
            var host = await ServingHost.StartAsync(server, options, loggers, control, cancellationToken);
            return new ServingSide(server, host, isOpen: options is { CertificateFile: null, KeyFile: null });
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private static ServingOptions ServingOptionsOf(ServingSettings settings) => new()
    {
        Address = settings.Address,
        Port = settings.Port,
        Collector = CollectorOf(settings),
        HttpPort = settings.HttpPort,
        CertificateFile = settings.CertificateFile,
        CertificateKeyFile = settings.CertificateKeyFile,
        ClientAuthorityFile = settings.ClientAuthorityFile,
        ClientCertificateScope = Enum.Parse<AccessScope>(settings.ClientCertificateScope, ignoreCase: true),
        KeyFile = settings.KeyFile,
        AllowedHosts = settings.AllowedHosts,
        CorsOrigins = settings.CorsOrigins,
        MaxMessageBytes = settings.MaxMessageBytes,
        MaxConnections = settings.MaxConnections,
        StopGrace = TimeSpan.FromSeconds(settings.StopGraceSeconds),
    };
}
