namespace Orca.Streams.Teachers.Scheduling;

/// <summary>
/// Keeps calls from an endpoint that fails: after some failures in a row there is a pause, then one call at a time, until one is
/// answered. Throttled calls make a pause too, but leave as many in flight as before.
/// </summary>
internal sealed class Circuit(SchedulerOptions options, BackOff backOff)
{
    private const int MostFailures = 5;

    private int failuresInARow;
    private int pauses;
    private TimeSpan pausedAt = TimeSpan.MinValue;
    private TimeSpan? firstFailure;
    private TimeSpan? firstThrottled;
    private bool wasReached;

    /// <summary>Nothing is asked before.</summary>
    public TimeSpan PausedUntil { get; private set; }

    /// <summary>Whether one call at a time tries whether the endpoint is well again.</summary>
    public bool IsTrying { get; private set; }

    /// <summary>Whether a call was throttled since the last answer.</summary>
    public bool IsThrottled => firstThrottled is not null;

    /// <summary>A pause for another reason.</summary>
    public void Pause(TimeSpan until) => PausedUntil = until > PausedUntil ? until : PausedUntil;

    /// <summary>The endpoint answers.</summary>
    public void Answered()
    {
        (failuresInARow, pauses, firstFailure, firstThrottled) = (0, 0, null, null);
        (IsTrying, wasReached) = (false, true);
    }

    /// <summary>A call failed; returns whether the endpoint is given up.</summary>
    /// <param name="now">The time.</param>
    /// <param name="started">When the call began.</param>
    /// <param name="attempt">The call.</param>
    public bool Failed(TimeSpan now, TimeSpan started, Attempt attempt)
    {
        wasReached |= attempt.IsReached;
        var isThrottled = attempt.Kind == AttemptKind.Throttled;
        if (isThrottled)
        {
            firstThrottled ??= now;
        }
        else
        {
            firstFailure ??= now;
            failuresInARow++;
        }

        // What began before the last pause tells nothing that was not known then.
        if (started >= pausedAt && (isThrottled || IsTrying || failuresInARow >= MostFailures))
        {
            pauses++;
            pausedAt = now;
            IsTrying |= !isThrottled;

            // A pause of our own is for those who are told nothing. Who is told to come back at once has no quota to wait for: its
            // request alone is put off.
            if (!isThrottled || attempt.RetryAfter is null)
            {
                Pause(now + backOff.After(pauses));
            }
        }

        if (attempt.RetryAfter is { } asked)
        {
            Pause(now + asked);
        }

        return IsGivenUp(now, attempt);
    }

    // Patience counts from where the failures began, not from an answer long before: a pause is no outage. Who says how long to wait is
    // believed. Who was never reached is given up soon: the address is wrong, or nothing runs there.
    private bool IsGivenUp(TimeSpan now, Attempt attempt) =>
        options.GiveUpAfter is { } patience && attempt.RetryAfter is not { Ticks: > 0 }
        && (attempt.Kind == AttemptKind.Throttled
            ? now - firstThrottled >= patience * 6
            : now - firstFailure >= patience || (!wasReached && pauses >= options.Attempts));
}
