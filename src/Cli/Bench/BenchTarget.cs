using Grpc.Net.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Cli.Clients;
using Orca.Cli.Commands;
using Orca.Cli.Configuration;
using Orca.Cli.Daemon;
using Orca.Model.Checkpoints;
using Orca.Protocol.Inference.V1;
using Orca.Serving.Checkpoints;

namespace Orca.Cli.Bench;

/// <summary>The server that is measured: one that runs already, or one of this process.</summary>
internal sealed class BenchTarget : IAsyncDisposable
{
    /// <summary>The variable that holds the key of the neighbours' callers.</summary>
    public const string NeighbourKeyVariable = "ORCA_NEIGHBOUR_KEY";

    private readonly GrpcChannel _channel;
    private readonly GrpcChannel _neighbourChannel;
    private readonly ServingSide? _own;
    private readonly string? _ownRoot;
    private readonly BenchKeys? _keys;

    private BenchTarget(Uri address, ServingSide? own, string? ownRoot, BenchKeys? keys)
    {
        (_own, _ownRoot, _keys, Address) = (own, ownRoot, keys, address);
        _channel = ServerAddress.Open(address, keys?.Own);
        _neighbourChannel = ServerAddress.Open(address, keys?.Neighbour ?? Environment.GetEnvironmentVariable(NeighbourKeyVariable));
        Client = new InferenceService.InferenceServiceClient(_channel);
        Neighbour = new InferenceService.InferenceServiceClient(_neighbourChannel);
        Name = own is null ? address.Authority : $"{address.Authority} (this process)";
    }

    /// <summary>Asks it.</summary>
    public InferenceService.InferenceServiceClient Client { get; }

    /// <summary>Asks it as another caller does, with another key.</summary>
    public InferenceService.InferenceServiceClient Neighbour { get; }

    /// <summary>Where it is.</summary>
    public Uri Address { get; }

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>Whether it runs in this process.</summary>
    public bool IsThisProcess => _own is not null;

    /// <summary>The folder of checkpoints it follows, as far as this process knows it.</summary>
    public string? Root { get; private init; }

    /// <summary>The model that copies are made of; null where there is no folder.</summary>
    public string? Source { get; private init; }

    /// <summary>A server that runs already.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="checkpoints">The folder of checkpoints it follows; null where nothing is published.</param>
    /// <exception cref="CommandException">The folder has no checkpoint to copy.</exception>
    public static BenchTarget At(Uri address, string? checkpoints) => new(address, null, null, null)
    {
        Root = checkpoints,
        Source = checkpoints is null ? null : new CheckpointRoot(checkpoints).Latest()
            ?? throw new CommandException($"'{checkpoints}' has no checkpoint to publish again; give the folder of checkpoints that the "
                + "server follows."),
    };

    /// <summary>Starts a server in this process, on a free port.</summary>
    /// <param name="model">The model's folder, or a folder of checkpoints.</param>
    /// <param name="follows">Whether it follows a folder of its own, into which copies of the model are published.</param>
    /// <param name="asksForKeys">Whether it tells two callers apart by their keys.</param>
    /// <param name="settings">How it serves.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    public static async Task<BenchTarget> StartAsync(
        string model, bool follows, bool asksForKeys, OrcaSettings settings, CancellationToken cancellationToken)
    {
        var source = ModelFolder.Newest(model);
        var keys = asksForKeys ? BenchKeys.Create() : null;
        var root = follows ? Directory.CreateTempSubdirectory("orca-bench-").FullName : null;
        try
        {
            if (root is not null)
            {
                CheckpointCopy.Publish(source, root, 1, TimeProvider.System.GetUtcNow());
            }

            // Every copy counts, however soon after the one before.
            var onFreePort = settings with
            {
                Serving = settings.Serving with { Port = 0, MinReloadSeconds = 0, KeyFile = keys?.Path ?? settings.Serving.KeyFile },
            };
            var own = await ServingSide.OpenAsync(root ?? source, onFreePort, NullLoggerFactory.Instance, cancellationToken);
            var target = new BenchTarget(own.Endpoint, own, root, keys) { Root = root, Source = source };
            return (await own.LoadedAsync(null, cancellationToken)) is { State: VersionState.Rejected } rejected
                ? throw new CommandException($"'{source}' cannot be served: {rejected.Reason}")
                : target;
        }
        catch
        {
            keys?.Dispose();
            Remove(root);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        _neighbourChannel.Dispose();
        if (_own is not null)
        {
            await _own.DisposeAsync();
        }

        _keys?.Dispose();
        Remove(_ownRoot);
    }

    private static void Remove(string? root)
    {
        if (root is not null)
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
