namespace Orca.Cli.Teacher;

/// <summary>A clock that runs a number of times faster than another one.</summary>
/// <param name="time">The other.</param>
/// <param name="scale">How many of its seconds pass in one of the other's.</param>
internal sealed class ScaledTime(TimeProvider time, double scale) : TimeProvider
{
    private readonly long _start = time.GetTimestamp();
    private readonly DateTimeOffset _began = time.GetUtcNow();

    /// <inheritdoc/>
    public override long TimestampFrequency => time.TimestampFrequency;

    /// <inheritdoc/>
    public override long GetTimestamp() => (long)((time.GetTimestamp() - _start) * scale);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _began + GetElapsedTime(0);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(callback, state, Outside(dueTime), Outside(period));

    /// <summary>How long a time of this clock takes by the other one.</summary>
    public TimeSpan Outside(TimeSpan inside) => inside == Timeout.InfiniteTimeSpan ? inside : inside / scale;
}
