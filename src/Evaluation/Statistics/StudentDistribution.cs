namespace Orca.Evaluation.Statistics;

/// <summary>Student's t distribution, by degrees of freedom, whole or not, up to infinity.</summary>
public static class StudentDistribution
{
    // From here on the normal distribution is the same to five digits, and the logarithms of the gamma function lose as many.
    private const double AsGoodAsNormal = 1e6;

    /// <summary>Share of the distribution further from 0 than <paramref name="value"/>, to either side: a two-sided p.</summary>
    /// <remarks>Abramowitz and Stegun, 1964, 26.7.</remarks>
    public static double TwoSidedP(double value, double degreesOfFreedom)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(degreesOfFreedom);
        return degreesOfFreedom > AsGoodAsNormal
            ? 2 * NormalDistribution.Cdf(-Math.Abs(value))
            : IncompleteBeta.Regularized(degreesOfFreedom / 2, 0.5, degreesOfFreedom / (degreesOfFreedom + (value * value)));
    }

    /// <summary>The distance from 0 within which 95 % of the distribution lies: 1.96 for many degrees of freedom, 2.31 for eight.</summary>
    public static double Quantile95(double degreesOfFreedom) => Quantile(0.05, degreesOfFreedom);

    /// <summary>The distance from 0 beyond which, to either side, that share of the distribution lies.</summary>
    /// <param name="twoSided">The share, above 0 up to 1.</param>
    /// <param name="degreesOfFreedom">Above 0.</param>
    public static double Quantile(double twoSided, double degreesOfFreedom) =>
        Bisection.Root(value => twoSided - TwoSidedP(value, degreesOfFreedom), 0, 1e6);
}
