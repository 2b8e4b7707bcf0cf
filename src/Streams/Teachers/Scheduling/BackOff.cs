namespace Orca.Streams.Teachers.Scheduling;

/// <summary>
/// Pauses that double up to a limit, each shortened by chance by up to a quarter, so that many who wait do not come back at once.
/// </summary>
internal sealed class BackOff(SchedulerOptions options, Func<double> random)
{
    /// <summary>The pause after so many failures, from 1.</summary>
    public TimeSpan After(int failures)
    {
        var doubled = options.FirstPause * Math.Pow(2, Math.Min(failures, 30) - 1);
        return (doubled < options.LongestPause ? doubled : options.LongestPause) * (1 - (0.25 * random()));
    }
}
