namespace Orca.Evaluation.Statistics;

/// <summary>The regularised incomplete beta function, whose values are tails of Student's and the binomial distribution.</summary>
/// <remarks>Continued fraction 26.5.8 of Abramowitz and Stegun, 1964, summed as by W. J. Lentz, Applied Optics 15, 1976.</remarks>
internal static class IncompleteBeta
{
    // Lanczos' factors for g = 7 and nine terms (C. Lanczos, SIAM Journal on Numerical Analysis 1, 1964), to about 1e-15.
    private static readonly double[] Lanczos =
    [
        0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
        -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
    ];

    /// <summary>I of <paramref name="x"/>, 0 to 1, with both parameters above 0.</summary>
    public static double Regularized(double a, double b, double x)
    {
        if (x is <= 0 or >= 1)
        {
            return x <= 0 ? 0 : 1;
        }

        var front = Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + (a * Math.Log(x)) + (b * Math.Log(1 - x)));
        return x < (a + 1) / (a + b + 2) ? front * Fraction(a, b, x) / a : 1 - (front * Fraction(b, a, 1 - x) / b);
    }

    private static double Fraction(double a, double b, double x)
    {
        var (c, d) = (1.0, 1 / Nonzero(1 - ((a + b) * x / (a + 1))));
        var product = d;
        // Converges in about the root of the larger parameter; the bound is never met.
        for (var m = 1; m < 100_000; m++)
        {
            var even = m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m)));
            d = 1 / Nonzero(1 + (even * d));
            c = Nonzero(1 + (even / c));
            product *= c * d;
            var odd = -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1));
            d = 1 / Nonzero(1 + (odd * d));
            c = Nonzero(1 + (odd / c));
            product *= c * d;
            if (Math.Abs((c * d) - 1) < 1e-15)
            {
                break;
            }
        }

        return product;
    }

    private static double Nonzero(double value) => Math.Abs(value) < 1e-300 ? 1e-300 : value;

    // Of values above 0.
    private static double LogGamma(double value)
    {
        if (value < 0.5)
        {
            return Math.Log(Math.PI / Math.Sin(Math.PI * value)) - LogGamma(1 - value);
        }

        var sum = Lanczos[0];
        for (var i = 1; i < Lanczos.Length; i++)
        {
            sum += Lanczos[i] / (value - 1 + i);
        }

        var shifted = value + 6.5;
        return (0.5 * Math.Log(2 * Math.PI)) + ((value - 0.5) * Math.Log(shifted)) - shifted + Math.Log(sum);
    }
}
