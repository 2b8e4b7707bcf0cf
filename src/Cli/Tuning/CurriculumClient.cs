using Grpc.Core;
using Grpc.Net.Client;
using Orca.Cli.Clients;
using Orca.Cli.Commands;
using Orca.Protocol.Curriculum.V1;
using Orca.Streams.Curricula.Control;

namespace Orca.Cli.Tuning;

/// <summary>Calls to the curriculum of a running daemon.</summary>
internal sealed class CurriculumClient : IDisposable
{
    private readonly GrpcChannel _channel;

    /// <param name="address">Where the server is.</param>
    /// <param name="key">The key to show; null: the one in the environment, where there is one.</param>
    public CurriculumClient(Uri address, string? key)
    {
        _channel = ServerAddress.Open(address, key);
        Service = new CurriculumService.CurriculumServiceClient(_channel);
    }

    /// <summary>The service itself.</summary>
    public CurriculumService.CurriculumServiceClient Service { get; }

    /// <summary>Has a command take effect.</summary>
    /// <exception cref="CommandException">It was refused; the message says why.</exception>
    public async Task<Acknowledged> ApplyAsync(CommandEnvelope envelope, CancellationToken cancellationToken)
    {
        try
        {
            return (await Service.ApplyAsync(ApplyRequests.Of(envelope), cancellationToken: cancellationToken)).Receipt;
        }
        catch (RpcException refusal) when (IsRefusal(refusal))
        {
            throw new CommandException(refusal.Status.Detail, refusal);
        }
    }

    /// <summary>The status.</summary>
    public async Task<Protocol.Curriculum.V1.Status> StatusAsync(CancellationToken cancellationToken) =>
        (await Service.GetStatusAsync(new GetStatusRequest(), cancellationToken: cancellationToken)).Status;

    public void Dispose() => _channel.Dispose();

    // What the curriculum itself says, which needs no words around it.
    private static bool IsRefusal(RpcException refusal) => refusal.StatusCode
        is StatusCode.InvalidArgument or StatusCode.Aborted or StatusCode.AlreadyExists or StatusCode.FailedPrecondition
        || refusal is { StatusCode: StatusCode.Unavailable, Status.DebugException: null };
}
