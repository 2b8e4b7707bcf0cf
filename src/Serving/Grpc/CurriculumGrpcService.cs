using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Orca.Protocol.Curriculum.V1;
using Orca.Serving.Requests;
using Orca.Streams.Curricula.Control;

namespace Orca.Serving.Grpc;

/// <summary>The curriculum this server can steer.</summary>
/// <param name="Control">Null where the server only serves.</param>
internal sealed record CurriculumAccess(ICurriculumControl? Control);

/// <summary>Carries control commands to the curriculum, and its answers and status back.</summary>
[BindServiceMethod(typeof(CheckedServices), nameof(CheckedServices.Bind))]
internal sealed class CurriculumGrpcService(CurriculumAccess access, IHostApplicationLifetime lifetime)
    : CurriculumService.CurriculumServiceBase
{
    public override async Task Tune(
        IAsyncStreamReader<TuneRequest> requestStream, IServerStreamWriter<TuneResponse> responseStream, ServerCallContext context)
    {
        var control = access.Control ?? throw new RpcException(new global::Grpc.Core.Status(
            StatusCode.FailedPrecondition, "This server only serves a student; send commands to the daemon that teaches it."));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        await using var session = new TuneSession(control, responseStream, ending.Token);
        try
        {
            await foreach (var request in requestStream.ReadAllAsync(ending.Token))
            {
                await session.AnswerAsync(request);
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw new GenerationException(Failure.Stopping, "The server stops.");
        }
    }
}
