using Grpc.Core;
using Orca.Protocol.Curriculum.V1;
using Orca.Serving.Requests;
using Orca.Streams.Curricula.Control;

namespace Orca.Serving.Grpc;

/// <summary>One control stream: answers commands one after the other, and sends the status at an interval where asked to.</summary>
internal sealed class TuneSession(
    ICurriculumControl control, IServerStreamWriter<TuneResponse> responses, TimeProvider clock, CancellationToken cancellationToken)
    : IAsyncDisposable
{
    // gRPC takes one message at a time.
    private readonly SemaphoreSlim turn = new(1);
    private CancellationTokenSource? watchEnd;
    private Task watch = Task.CompletedTask;

    /// <summary>Carries a command out and sends its one reply.</summary>
    public async Task AnswerAsync(TuneRequest request)
    {
        TuneResponse response;
        try
        {
            response = await CarryOutAsync(request);
        }
        catch (CommandRefusedException refusal)
        {
            response = refusal.ToReply();
        }
        catch (GenerationException fault) when (fault.Failure == Failure.InvalidRequest)
        {
            response = CommandRefusal.Reply(fault.Message + ".", Rejected.Types.Kind.Invalid);
        }

        response.CommandId = request.CommandId;
        await SendAsync(response);
        if (response is { ReplyCase: TuneResponse.ReplyOneofCase.Acknowledged } && request.Watch is { } wanted)
        {
            watch = SendStatusAsync(WatchInterval.Of(wanted.IntervalMilliseconds), watchEnd!.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await EndWatchAsync();
        turn.Dispose();
    }

    private async Task<TuneResponse> CarryOutAsync(TuneRequest request)
    {
        if (request.CommandId.Length > CommandEnvelope.MaxId)
        {
            throw GenerationException.Invalid(
                "command_id", $"has {request.CommandId.Length} characters; give at most {CommandEnvelope.MaxId}");
        }

        switch (request.CommandCase)
        {
            case TuneRequest.CommandOneofCase.GetStatus:
                return new TuneResponse { Status = StatusNow() };
            case TuneRequest.CommandOneofCase.Watch:
                return new TuneResponse { Acknowledged = new Acknowledged { Revision = (ulong)await PrepareWatchAsync(request.Watch) } };
        }

        if (request.ReadCommand() is not { } command)
        {
            return CommandRefusal.Reply("The request holds no command this server knows.", Rejected.Types.Kind.Unspecified);
        }

        var envelope = CommandTranslation.Envelope(
            request.CommandId, command, request.HasExpectedRevision ? request.ExpectedRevision : null);
        return new TuneResponse { Acknowledged = (await control.ApplyAsync(envelope, cancellationToken)).ToMessage() };
    }

    private Protocol.Curriculum.V1.Status StatusNow() => control.Status.ToMessage(control.History.Measures);

    private async Task<long> PrepareWatchAsync(Watch wanted)
    {
        _ = WatchInterval.Of(wanted.IntervalMilliseconds);
        await EndWatchAsync();
        watchEnd = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        return control.Status.Revision;
    }

    private async Task SendStatusAsync(TimeSpan interval, CancellationToken end)
    {
        using var timer = new PeriodicTimer(interval, clock);
        try
        {
            Protocol.Curriculum.V1.Status status;
            do
            {
                status = StatusNow();
                await SendAsync(new TuneResponse { Status = status });
            }
            while (!status.Finished && await timer.WaitForNextTickAsync(end));
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The watch was replaced, or the stream is over.
        }
    }

    private async Task EndWatchAsync()
    {
        if (watchEnd is not null)
        {
            await watchEnd.CancelAsync();
            await watch;
            watchEnd.Dispose();
            watchEnd = null;
        }
    }

    private async Task SendAsync(TuneResponse response)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            await responses.WriteAsync(response, cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }
}
