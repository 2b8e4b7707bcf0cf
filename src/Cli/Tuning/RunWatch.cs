using System.Runtime.CompilerServices;
using Grpc.Core;
using Orca.Cli.Commands;
using Orca.Cli.Display;
using Orca.Protocol.Curriculum.V1;

namespace Orca.Cli.Tuning;

/// <summary>Watches a run, and goes on after the last event where the connection is cut.</summary>
/// <param name="open">Begins a call.</param>
/// <param name="say">Tells that the connection was cut, and that it is there again.</param>
/// <param name="clock">Paces the tries.</param>
internal sealed class RunWatch(
    Func<WatchRequest, CancellationToken, AsyncServerStreamingCall<WatchResponse>> open, Action<string> say, TimeProvider clock)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Every event in order, until cancelled, or the curriculum has finished and its server is gone.</summary>
    /// <exception cref="RpcException">The server cannot be watched.</exception>
    /// <exception cref="CommandException">It has been away for too long.</exception>
    public async IAsyncEnumerable<WatchResponse> ReadAsync(
        WatchRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (isFinished, cutAt, pause) = (false, (long?)null, FirstPause);
        while (true)
        {
            using var call = open(request, cancellationToken);
            while (await NextAsync(call, request.HasAfterSequence, cancellationToken) is { } response)
            {
                if (cutAt is not null)
                {
                    say("connected again");
                    (cutAt, pause) = (null, FirstPause);
                }

                request.AfterSequence = response.Sequence;
                isFinished |= response.Status is { Finished: true };
                yield return response;
            }

            if (isFinished)
            {
                yield break;
            }

            if (cutAt is null)
            {
                say("the connection was cut; trying to go on after the last event");
                cutAt = clock.GetTimestamp();
            }
            else if (clock.GetElapsedTime(cutAt.Value) is var away && away > Patience)
            {
                throw new CommandException($"The server has been away for {Durations.Text(away)}; start it again, and then this command.");
            }

            await Task.Delay(pause, clock, cancellationToken);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    // Null where the connection is cut.
    private static async Task<WatchResponse?> NextAsync(
        AsyncServerStreamingCall<WatchResponse> call, bool mayGoOn, CancellationToken cancellationToken)
    {
        try
        {
            return await call.ResponseStream.MoveNext(cancellationToken) ? call.ResponseStream.Current : null;
        }
        catch (RpcException cut) when (mayGoOn && IsCut(cut) && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static bool IsCut(RpcException cut) =>
        cut.StatusCode is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Unknown or StatusCode.Cancelled;
}
