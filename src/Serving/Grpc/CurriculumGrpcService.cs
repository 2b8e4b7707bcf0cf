using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Orca.Protocol.Curriculum.V1;
using Orca.Serving.Requests;
using Orca.Streams.Curricula.Control;

namespace Orca.Serving.Grpc;

/// <summary>The curriculum this server can steer, and what those who watch it share.</summary>
/// <param name="control">Null where the server only serves.</param>
/// <param name="clock">Tells the time.</param>
internal sealed class CurriculumAccess(ICurriculumControl? control, TimeProvider clock)
{
    private readonly StatusSampler? sampler = control is null ? null : new StatusSampler(control, clock);

    /// <summary>Encodes events for all who watch.</summary>
    public EncodedEvents Events { get; } = new();

    /// <summary>The curriculum.</summary>
    /// <exception cref="GenerationException">There is none.</exception>
    public ICurriculumControl Control => control ?? throw new GenerationException(
        Failure.NoCurriculum, "This server only serves a student; send commands to the daemon that teaches it.");

    /// <summary>One more who watches.</summary>
    /// <exception cref="GenerationException">There is no curriculum, or the request is faulty.</exception>
    public WatchSession Watch(WatchRequest request, IServerStreamWriter<WatchResponse> responses) =>
        new(request, Control.History, sampler!, Events, responses, clock);
}

/// <summary>Carries control commands to the curriculum, and its answers, status and news back.</summary>
[BindServiceMethod(typeof(CheckedServices), nameof(CheckedServices.Bind))]
internal sealed class CurriculumGrpcService(CurriculumAccess access, TimeProvider clock, IHostApplicationLifetime lifetime)
    : CurriculumService.CurriculumServiceBase
{
    public override Task Tune(
        IAsyncStreamReader<TuneRequest> requestStream, IServerStreamWriter<TuneResponse> responseStream, ServerCallContext context)
    {
        var control = access.Control;
        return UntilStopAsync(context, async end =>
        {
            await using var session = new TuneSession(control, responseStream, clock, end);
            await foreach (var request in requestStream.ReadAllAsync(end))
            {
                await session.AnswerAsync(request);
            }
        });
    }

    public override async Task<ApplyResponse> Apply(ApplyRequest request, ServerCallContext context)
    {
        var control = access.Control;
        var field = request.CommandField();
        if (request.ReadCommand() is not { } command)
        {
            throw GenerationException.Invalid("command", "is absent; give one that this server knows");
        }

        var envelope = CommandTranslation.Envelope(
            request.CommandId, command, request.HasExpectedRevision ? request.ExpectedRevision : null);
        try
        {
            return new ApplyResponse { Receipt = (await control.ApplyAsync(envelope, context.CancellationToken)).ToMessage() };
        }
        catch (CommandRefusedException refusal)
        {
            throw refusal.ToFailure(request.CommandId, field);
        }
    }

    public override Task<GetStatusResponse> GetStatus(GetStatusRequest request, ServerCallContext context) =>
        Task.FromResult(new GetStatusResponse { Status = access.Control.Status.ToMessage(access.Control.History.Measures) });

    public override Task Watch(WatchRequest request, IServerStreamWriter<WatchResponse> responseStream, ServerCallContext context)
    {
        var session = access.Watch(request, responseStream);
        return UntilStopAsync(context, session.RunAsync);
    }

    private async Task UntilStopAsync(ServerCallContext context, Func<CancellationToken, Task> call)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            await call(ending.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw new GenerationException(Failure.Stopping, "The server stops.");
        }
    }
}
