namespace Orca.Evaluation.Statistics;

/// <summary>What a paired comparison of so many items can find, and the items it takes to find it: for use before the run.</summary>
/// <remarks>
/// Differences and accuracies are shares: 0.03 is three points. The variance of a difference d of one item is discordance - d², as in
/// R. J. Connor, Sample size for testing differences in proportions for the paired-sample design, Biometrics 43, 1987, and Miller 2024, of
/// which this is the case of right and wrong marks. Power is the chance that the test finds a difference that is there.
/// </remarks>
public static class DetectableDifference
{
    /// <summary>The chance of finding a difference that is there which is asked for unless another is stated.</summary>
    public const double UsualPower = 0.8;

    /// <summary>The chance of finding one that is not there.</summary>
    public const double UsualLevel = 0.05;

    /// <summary>Expected share of items which one run gets right and the other wrong.</summary>
    /// <param name="first">Expected accuracy of the first run, 0 to 1.</param>
    /// <param name="second">That of the second.</param>
    /// <param name="correlation">
    /// Of their marks over items, -1 to 1. 0, independence, bounds the discordance of runs that tend to err on the same items, as runs do.
    /// </param>
    public static double Discordance(double first, double second, double correlation = 0)
    {
        ThrowIfNoShare(first);
        ThrowIfNoShare(second);
        ArgumentOutOfRangeException.ThrowIfLessThan(correlation, -1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(correlation, 1);
        var independent = (first * (1 - second)) + (second * (1 - first));
        var shared = 2 * correlation * Math.Sqrt(first * (1 - first) * second * (1 - second));
        return Math.Clamp(independent - shared, Math.Abs(first - second), 1);
    }

    /// <summary>The smallest difference that is found with that power.</summary>
    /// <param name="items">Items compared, or what <see cref="EffectiveItems"/> says of tasks.</param>
    /// <param name="discordance">Expected share of items on which they differ, 0 to 1; taken as the difference where it is less.</param>
    /// <param name="power">0.5 up to, not including, 1.</param>
    /// <param name="level">Chance of a false alarm, two-sided.</param>
    /// <returns>0 to 1.</returns>
    public static double Of(double items, double discordance, double power = UsualPower, double level = UsualLevel)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(items);
        ThrowIfNoShare(discordance);
        var square = Math.Pow(Errors(power, level), 2);
        return Math.Max(Math.Sqrt(square * discordance / (items + square)), square / (items + square));
    }

    /// <summary>The same of the unweighted mean over tasks of so many items each.</summary>
    public static double Of(
        IReadOnlyList<int> taskItems, double discordance, double power = UsualPower, double level = UsualLevel) =>
        Of(EffectiveItems(taskItems), discordance, power, level);

    /// <summary>Items of a single task that are as good as those of several in their unweighted mean: the number of tasks times the
    /// harmonic mean of their sizes, which is all of them where tasks are equal, fewer where not.</summary>
    public static double EffectiveItems(IReadOnlyList<int> taskItems)
    {
        ArgumentOutOfRangeException.ThrowIfZero(taskItems.Count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(taskItems.Min());
        return (double)taskItems.Count * taskItems.Count / taskItems.Sum(items => 1.0 / items);
    }

    /// <summary>Items it takes to find a difference with that power.</summary>
    /// <param name="difference">Above 0, up to 1; of either sign.</param>
    /// <param name="discordance">Expected share of items on which the runs differ; taken as the difference where it is less.</param>
    /// <param name="power">0.5 up to, not including, 1.</param>
    /// <param name="level">Chance of a false alarm, two-sided.</param>
    public static int ItemsFor(double difference, double discordance, double power = UsualPower, double level = UsualLevel)
    {
        var size = Size(difference);
        ThrowIfNoShare(discordance);
        var items = Math.Pow(Errors(power, level) / size, 2) * (Math.Max(discordance, size) - (size * size));
        return (int)Math.Max(1, Math.Ceiling(items - 1e-9));
    }

    /// <summary>The chance that a comparison of so many items finds a difference.</summary>
    public static double Power(double difference, double items, double discordance, double level = UsualLevel)
    {
        var size = Size(difference);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(items);
        ThrowIfNoShare(discordance);
        var variance = Math.Max(discordance, size) - (size * size);
        var distance = variance <= 0 ? double.PositiveInfinity : size * Math.Sqrt(items / variance);
        var quantile = NormalDistribution.Quantile(1 - (level / 2));
        // The second is the chance of finding it the wrong way round.
        return NormalDistribution.Cdf(distance - quantile) + NormalDistribution.Cdf(-distance - quantile);
    }

    // Standard errors which the difference must be from 0.
    private static double Errors(double power, double level)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(power, 0.5);
        return NormalDistribution.Quantile(power) + NormalDistribution.Quantile(1 - (level / 2));
    }

    private static double Size(double difference)
    {
        ArgumentOutOfRangeException.ThrowIfZero(difference);
        ThrowIfNoShare(Math.Abs(difference));
        return Math.Abs(difference);
    }

    private static void ThrowIfNoShare(double value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1);
    }
}
