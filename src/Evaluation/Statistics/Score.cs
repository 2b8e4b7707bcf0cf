namespace Orca.Evaluation.Statistics;

/// <summary>The mean mark of a run over tasks, with its error.</summary>
/// <param name="Value">The mean, 0 to 1.</param>
/// <param name="StandardError">Its standard error; 0 where nothing seen varies.</param>
/// <param name="Interval">Range that holds the true mean with 95 % confidence.</param>
/// <param name="Weighting">What counts alike in it.</param>
/// <param name="Sampling">What the error speaks of.</param>
/// <remarks>
/// The interval is <see cref="Statistics.Interval.Wilson(double, double, double)">Wilson's</see> for as many independent trials as would
/// be as precise, with Student's quantile for the degrees of freedom of the error (Korn and Graubard 1998). With tasks drawn anew it is
/// made to hold <see cref="Statistics.Interval.Skewed"/> too, as tasks' means are skewed where most are hard or most easy. No bootstrap:
/// of few tasks its percentile interval covers 88 to 93 %; docs/results.md has the figures of both.
/// </remarks>
public sealed record Score(double Value, double StandardError, Interval Interval, Weighting Weighting, Sampling Sampling)
{
    /// <summary>The score of marks; by default the unweighted mean over tasks, as known of this benchmark.</summary>
    /// <exception cref="ArgumentException">No task; a task twice; one item in all; for sampled tasks, fewer than two.</exception>
    public static Score Of(
        IReadOnlyList<TaskMarks> tasks, Weighting weighting = Weighting.EqualTasks, Sampling sampling = Sampling.Items) =>
        Of([.. tasks.Select(TaskSummary.Of)], weighting, sampling);

    /// <inheritdoc cref="Of(IReadOnlyList{TaskMarks}, Weighting, Sampling)"/>
    public static Score Of(
        IReadOnlyList<TaskSummary> tasks, Weighting weighting = Weighting.EqualTasks, Sampling sampling = Sampling.Items)
    {
        var mean = TaskMean.Of(tasks, weighting, sampling);
        var value = Math.Clamp(mean.Value, 0, 1);
        var trials = mean.Variance > 0 ? value * (1 - value) / mean.Variance : mean.Units;
        var (error, quantile) = (Math.Sqrt(mean.Variance), StudentDistribution.Quantile95(mean.DegreesOfFreedom));
        var wilson = Interval.Wilson(value, trials, quantile);
        var skewed = Interval.Skewed(value, error, mean.Skewness, quantile);
        var interval = mean.Skewness == 0 ? wilson
            : new Interval(Math.Min(wilson.Low, Math.Max(0, skewed.Low)), Math.Max(wilson.High, Math.Min(1, skewed.High)));
        return new Score(value, error, interval, weighting, sampling);
    }
}
