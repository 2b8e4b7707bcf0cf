namespace Orca.Streams.Teachers.Scheduling;

/// <summary>
/// When a call is broken off: a while after its caller has left, not at once, since the endpoint charges for what it is working on.
/// </summary>
internal sealed class CallEnding : IDisposable
{
    private readonly CancellationTokenSource end;
    private readonly CancellationTokenRegistration leaving;

    /// <param name="caller">Cancelled when the caller leaves.</param>
    /// <param name="patience">How long the call goes on then.</param>
    /// <param name="time">The clock.</param>
    public CallEnding(CancellationToken caller, TimeSpan patience, TimeProvider time)
    {
        end = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        leaving = caller.UnsafeRegister(_ => end.CancelAfter(patience), null);
    }

    /// <summary>Breaks the call off.</summary>
    public CancellationToken Token => end.Token;

    public void Dispose()
    {
        leaving.Dispose();
        end.Dispose();
    }
}
