namespace Orca.Streams.Teachers.Scheduling;

/// <summary>How patiently endpoints are asked.</summary>
public sealed record SchedulerOptions
{
    /// <summary>
    /// Calls that one request may fail in while others are answered; then it is given up for this run. Throttled ones do not count.
    /// </summary>
    public int Attempts { get; init; } = 6;

    /// <summary>Pause after a first failure; it doubles each time. What an endpoint asks for goes before it where it is longer.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest pause of our own.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Time, from the first failure since an answer, after which an endpoint that does nothing but fail is given up; null never. One that
    /// was not reached in this run is given up after <see cref="Attempts"/>; one that throttles without saying how long, after six times
    /// as long.
    /// </summary>
    public TimeSpan? GiveUpAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Time that calls under way have to end when their callers leave: what they answer is paid for.</summary>
    public TimeSpan FinishWithin { get; init; } = TimeSpan.FromSeconds(60);
}
