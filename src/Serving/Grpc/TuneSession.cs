using Grpc.Core;
using Orca.Protocol.Curriculum.V1;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Storage;

namespace Orca.Serving.Grpc;

/// <summary>One control stream: answers commands one after the other, and sends the status at an interval where asked to.</summary>
internal sealed class TuneSession(
    ICurriculumControl control, IServerStreamWriter<TuneResponse> responses, CancellationToken cancellationToken)
    : IAsyncDisposable
{
    private const int MaxCommandIdLength = 128;
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(1);

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
        catch (Exception refusal) when (refusal is ArgumentException or InvalidOperationException or TraceStoreException)
        {
            response = new TuneResponse { Rejected = new Rejected { Reason = refusal.Message } };
        }

        response.CommandId = request.CommandId;
        await SendAsync(response);
        if (response is { ReplyCase: TuneResponse.ReplyOneofCase.Acknowledged } && request.Watch is { } wanted)
        {
            watch = SendStatusAsync(IntervalOf(wanted), watchEnd!.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await EndWatchAsync();
        turn.Dispose();
    }

    private async Task<TuneResponse> CarryOutAsync(TuneRequest request)
    {
        var id = request.CommandId.Length <= MaxCommandIdLength ? request.CommandId : throw new ArgumentException(
            $"The command's id has {request.CommandId.Length} characters; give at most {MaxCommandIdLength}.");
        return request.CommandCase switch
        {
            TuneRequest.CommandOneofCase.GetStatus => new TuneResponse { Status = control.Status.ToMessage() },
            TuneRequest.CommandOneofCase.Pause => Done(await control.PauseAsync(id, cancellationToken)),
            TuneRequest.CommandOneofCase.Resume => Done(await control.ResumeAsync(id, cancellationToken)),
            TuneRequest.CommandOneofCase.SetMixture =>
                Done(await control.SetMixtureAsync(id, request.SetMixture.Weights, cancellationToken)),
            TuneRequest.CommandOneofCase.SetScreens =>
                Done(await control.SetScreensAsync(id, request.SetScreens.Limits, cancellationToken)),
            TuneRequest.CommandOneofCase.SetGate => Done(await control.SetGateAsync(id, request.SetGate.ToTuning(), cancellationToken)),
            TuneRequest.CommandOneofCase.PublishNow => Done(await control.PublishNowAsync(id, cancellationToken)),
            TuneRequest.CommandOneofCase.Watch => Done(await PrepareWatchAsync(request.Watch)),
            _ => throw new ArgumentException("The request holds no command this server knows."),
        };
    }

    private static TuneResponse Done(long revision) => new() { Acknowledged = new Acknowledged { Revision = (ulong)revision } };

    private static TimeSpan IntervalOf(Watch wanted)
    {
        var interval = wanted.IntervalMilliseconds == 0 ? DefaultInterval : TimeSpan.FromMilliseconds(wanted.IntervalMilliseconds);
        return interval >= ShortestInterval && interval <= LongestInterval ? interval : throw new ArgumentException(
            $"The interval is {wanted.IntervalMilliseconds} ms; give {ShortestInterval.TotalMilliseconds} to "
                + $"{LongestInterval.TotalMilliseconds}.");
    }

    private async Task<long> PrepareWatchAsync(Watch wanted)
    {
        _ = IntervalOf(wanted);
        await EndWatchAsync();
        watchEnd = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        return control.Status.Revision;
    }

    private async Task SendStatusAsync(TimeSpan interval, CancellationToken end)
    {
        try
        {
            await foreach (var status in control.WatchAsync(interval, end))
            {
                await SendAsync(new TuneResponse { Status = status.ToMessage() });
            }
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
