using Orca.Streams.Teachers;

namespace Orca.Streams.Collecting;

/// <summary>Puts requests to a teacher, a bounded number at once, again after pauses while it fails, until it is given up.</summary>
internal sealed class TeacherAsking(ITeacher teacher, CollectionOptions options, CollectionEvents events, TimeProvider time) : IDisposable
{
    // Requests that are refused before one is answered, until that is taken for a fault of the settings.
    private const int MostRefused = 3;

    private readonly SemaphoreSlim places = new(options.MaxConcurrentAsks);

    // Timestamp of the first failure since the last answer; 0 where there is none.
    private long firstFailure;
    private volatile bool hasAnswered;
    private volatile bool wasReached;
    private int refused;

    /// <summary>
    /// The answer, or why this request can never be answered; neither where that is not known yet, and the request is to be asked in
    /// the next run.
    /// </summary>
    /// <exception cref="TeacherException">The teacher is given up, or its settings are at fault.</exception>
    public async Task<(Trace? Trace, string? Failure)> AskAsync(TeacherRequest request, CancellationToken cancellationToken)
    {
        for (var pause = options.AskAgainAfter; ; pause = Min(pause * 2, options.MaxAskAgainAfter))
        {
            try
            {
                return (await AskOnceAsync(request, cancellationToken), null);
            }
            catch (TeacherException failure) when (failure.Fault == TeacherFault.Request || (failure.Fault == TeacherFault.Unclear && hasAnswered))
            {
                return (null, failure.Message);
            }
            catch (TeacherException failure) when (failure.Fault == TeacherFault.Unclear)
            {
                // Until something is answered nobody knows what is at fault; so nothing is written off.
                if (Interlocked.Increment(ref refused) >= MostRefused)
                {
                    throw new TeacherException(failure.Message, failure) { Fault = TeacherFault.Settings };
                }

                events.Tell(new RequestPostponed(request, failure.Message));
                return (null, null);
            }
            catch (TeacherException failure) when (failure.Fault == TeacherFault.Temporary && !IsGivenUp(failure))
            {
                pause = failure.RetryAfter > pause ? failure.RetryAfter.Value : pause;
                events.Tell(new TeacherFailed(request, failure.Message, pause));
            }

            await Task.Delay(pause, time, cancellationToken);
        }
    }

    public void Dispose() => places.Dispose();

    private async Task<Trace> AskOnceAsync(TeacherRequest request, CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken);
        try
        {
            events.Tell(new TeacherAsked(request));
            var trace = await teacher.AskAsync(request, cancellationToken);
            hasAnswered = true;
            Volatile.Write(ref firstFailure, 0);
            return trace;
        }
        finally
        {
            places.Release();
        }
    }

    // Patience counts from where the failures began: however long nothing was asked before, a pause is no outage. Who was never
    // reached is given up at once: the address is wrong, or nothing runs there yet.
    private bool IsGivenUp(TeacherException failure)
    {
        wasReached |= failure.IsReached || hasAnswered;
        var began = Interlocked.CompareExchange(ref firstFailure, time.GetTimestamp(), 0);
        return options.GiveUpAfter is { } patience && failure.RetryAfter is null
            && (!wasReached || (began != 0 && time.GetElapsedTime(began) >= patience));
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
