using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Experiments;

/// <summary>
/// Two arms of an experiment over the same seeds. Each seed gives one difference, in which the chance of training and of the questions
/// asked both lie; how they scatter over the seeds is the error.
/// </summary>
/// <param name="First">Mean of the first arm.</param>
/// <param name="Second">Mean of the second.</param>
/// <param name="Difference">First less second.</param>
/// <param name="Interval">Range that holds the true difference with 95 % confidence (Student's t over seeds); null of one seed.</param>
/// <param name="P">Two-sided p of there being no difference; null of one seed.</param>
/// <param name="Detectable">The difference that would have been found in 80 of 100 such experiments; null of one seed.</param>
/// <param name="Seeds">How many.</param>
public sealed record SeedComparison(
    double First, double Second, double Difference, Interval? Interval, double? P, double? Detectable, int Seeds)
{
    // Two-sided level at which Student's t has a fifth of itself above: what power 0.8 adds.
    private const double OfPower80 = 0.4;

    /// <summary>The difference as a share of the second arm's mean; null where that is 0 or less.</summary>
    public double? RelativeMargin => Second > 0 ? Difference / Second : null;

    /// <summary>Compares them.</summary>
    /// <param name="first">The first arm's figures, one a seed.</param>
    /// <param name="second">The second arm's, of the same seeds in the same order.</param>
    /// <exception cref="ArgumentException">They are not as many, or there is none.</exception>
    public static SeedComparison Of(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        if (first.Count != second.Count || first.Count == 0)
        {
            throw new ArgumentException($"{first.Count} and {second.Count} figures are no pairs of seeds", nameof(second));
        }

        var differences = first.Zip(second, (one, other) => one - other).ToArray();
        var (seeds, mean) = (differences.Length, differences.Average());
        if (seeds == 1)
        {
            return new SeedComparison(first[0], second[0], mean, null, null, null, 1);
        }

        var (error, freedom) = (Math.Sqrt(differences.Sum(value => Math.Pow(value - mean, 2)) / (seeds - 1) / seeds), seeds - 1);
        var reach = StudentDistribution.Quantile95(freedom);
        var p = error > 0 ? StudentDistribution.TwoSidedP(mean / error, freedom) : mean == 0 ? 1 : 0;
        return new SeedComparison(
            first.Average(), second.Average(), mean, new Interval(mean - (error * reach), mean + (error * reach)), p,
            error * (reach + StudentDistribution.Quantile(OfPower80, freedom)), seeds);
    }
}
