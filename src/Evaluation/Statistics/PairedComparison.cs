namespace Orca.Evaluation.Statistics;

/// <summary>How a second run differs from a first over the same items.</summary>
/// <param name="First">Mean mark of the first run.</param>
/// <param name="Second">Mean mark of the second run.</param>
/// <param name="Difference">Second less first, -1 to 1.</param>
/// <param name="StandardError">Of the difference; 0 where all items differ alike.</param>
/// <param name="Interval">Range that holds the true difference with 95 % confidence.</param>
/// <param name="P">Two-sided p of there being no difference; below 0.05 where the interval leaves 0 out.</param>
/// <param name="Items">Items compared.</param>
/// <param name="McNemar">The exact test over all items, where all marks are right or wrong; else null.</param>
/// <param name="Weighting">What counts alike in the means.</param>
/// <param name="Sampling">What error, interval and p speak of.</param>
/// <remarks>
/// The t interval and test of the items' differences (Miller 2024; Student's t for the degrees of freedom of the error): with few tasks or
/// few items they come closer to 95 and 5 % than a paired bootstrap (<see cref="Bootstrap.Difference"/>), with many they agree with it.
/// Where fewer than ten items differ at all, go by <see cref="McNemar"/>.
/// </remarks>
public sealed record PairedComparison(
    double First, double Second, double Difference, double StandardError, Interval Interval, double P, int Items, McNemar? McNemar,
    Weighting Weighting, Sampling Sampling)
{
    /// <summary>Compares two runs, given in any order; by default by the unweighted mean over the tasks of this benchmark.</summary>
    /// <exception cref="ArgumentException">
    /// A run lacks items of the other (says how many, and names one), and all that <see cref="Score.Of(IReadOnlyList{TaskMarks},
    /// Weighting, Sampling)"/> refuses.
    /// </exception>
    public static PairedComparison Of(
        IReadOnlyList<TaskMarks> first, IReadOnlyList<TaskMarks> second, Weighting weighting = Weighting.EqualTasks,
        Sampling sampling = Sampling.Items)
    {
        var pairs = ItemPairing.Of(first, second);
        TaskMean Mean(Func<ItemPair, double> value) => TaskMean.Of(
            [.. pairs.Select(task => new TaskValues(task.Task, [.. task.Items.Select(value)]).Summarize())], weighting, sampling);
        var difference = Mean(item => item.Difference);
        var (error, interval, p) = difference.Variance > 0 ? Student(difference) : Unvarying(difference);
        var items = pairs.SelectMany(task => task.Items).ToArray();
        return new PairedComparison(
            Mean(item => item.First).Value, Mean(item => item.Second).Value, difference.Value, error, interval, p, items.Length,
            McNemar.Of(items), weighting, sampling);
    }

    private static (double Error, Interval Interval, double P) Student(TaskMean difference)
    {
        var error = Math.Sqrt(difference.Variance);
        var half = error * StudentDistribution.Quantile95(difference.DegreesOfFreedom);
        var p = StudentDistribution.TwoSidedP(difference.Value / error, difference.DegreesOfFreedom);
        return (error, Around(difference.Value, half), p);
    }

    // All differ alike: as far to either side as Wilson's interval reaches for a share of 0, and the sign test for p.
    private static (double Error, Interval Interval, double P) Unvarying(TaskMean difference)
    {
        var half = Interval.Wilson(0, difference.Units, NormalDistribution.Quantile(0.975)).High;
        return (0, Around(difference.Value, half), Math.Abs(difference.Value) < 1e-12 ? 1 : Math.Pow(2, 1 - difference.Units));
    }

    private static Interval Around(double value, double half) => new(Math.Max(-1, value - half), Math.Min(1, value + half));
}
