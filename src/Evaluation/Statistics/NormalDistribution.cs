namespace Orca.Evaluation.Statistics;

/// <summary>The standard normal distribution.</summary>
public static class NormalDistribution
{
    // Numerator and denominator of Hart's approximation, the highest power first.
    private static readonly double[] Above =
    [
        3.52624965998911e-2, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931, 220.206867912376,
    ];

    private static readonly double[] Below =
    [
        8.83883476483184e-2, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831, 793.826512519948,
        440.413735824752,
    ];

    /// <summary>Share of the distribution below <paramref name="value"/>; to about 1e-15, far tails to 1e-8 of themselves.</summary>
    /// <remarks>J. F. Hart, Computer Approximations, 1968, algorithm 5666, as in G. West, Wilmott Magazine, May 2005.</remarks>
    public static double Cdf(double value)
    {
        var size = Math.Abs(value);
        var tail = Math.Exp(-size * size / 2);
        tail *= size < 7.07106781186547
            ? Polynomial(Above, size) / Polynomial(Below, size)
            : 1 / (size + (1 / (size + (2 / (size + (3 / (size + (4 / (size + 0.65))))))))) / Math.Sqrt(2 * Math.PI);
        return value > 0 ? 1 - tail : tail;
    }

    /// <summary>The value below which that share of the distribution lies.</summary>
    /// <param name="share">Above 0, below 1.</param>
    public static double Quantile(double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(share, 1);
        // In the lower half, where tails are precise.
        var lower = Bisection.Root(value => Cdf(value) - Math.Min(share, 1 - share), -40, 0);
        return share > 0.5 ? -lower : lower;
    }

    private static double Polynomial(double[] factors, double value) => factors.Aggregate(0.0, (sum, factor) => (sum * value) + factor);
}
