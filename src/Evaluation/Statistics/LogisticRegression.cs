namespace Orca.Evaluation.Statistics;

/// <summary>A logistic regression on a constant and one variable: share = 1 / (1 + exp(-(constant + slope · x))).</summary>
/// <param name="Constant">The logarithm of the odds where the variable is 0.</param>
/// <param name="Slope">By how much the logarithm of the odds grows with the variable.</param>
/// <remarks>
/// The likeliest one by Newton's method, with a ridge on both coefficients: data that the variable separates, or that all lie on one
/// side, would send them to infinity. It is as weak as a prior of mean 0 and variance 1 / <see cref="Ridge"/>.
/// </remarks>
public sealed record LogisticRegression(double Constant, double Slope)
{
    /// <summary>Weight of the squares of the coefficients, against one observation's logarithm of likelihood.</summary>
    public const double Ridge = 0.1;

    private const int MostSteps = 100;
    // The error of what is left is its square.
    private const double Enough = 1e-6;

    /// <summary>The share expected where the variable is 0.</summary>
    public double ShareAtZero => Logistic(Constant);

    /// <summary>Fits the coefficients.</summary>
    /// <param name="points">The variable and what was seen there, 0 to 1.</param>
    public static LogisticRegression Fit(IReadOnlyList<(double X, double Share)> points)
    {
        var fit = new LogisticRegression(0, 0);
        var loss = fit.Loss(points);
        for (var step = 0; step < MostSteps; step++)
        {
            var (constant, slope) = fit.NewtonStep(points);
            if (Math.Abs(constant) + Math.Abs(slope) < Enough)
            {
                return fit.Less(constant, slope);
            }

            // Far from the minimum a whole step may go past it.
            var (share, next, left) = (1.0, fit, double.PositiveInfinity);
            for (; left > loss && share > Enough; share /= 2)
            {
                next = fit.Less(share * constant, share * slope);
                left = next.Loss(points);
            }

            (fit, loss) = (next, left);
        }

        return fit;
    }

    private LogisticRegression Less(double constant, double slope) => new(Constant - constant, Slope - slope);

    // The inverse Hessian times the gradient.
    private (double Constant, double Slope) NewtonStep(IReadOnlyList<(double X, double Share)> points)
    {
        var (byConstant, bySlope) = (Ridge * Constant, Ridge * Slope);
        var (twiceConstant, both, twiceSlope) = (Ridge, 0.0, Ridge);
        foreach (var (x, seen) in points)
        {
            var expected = Logistic(Constant + (Slope * x));
            var weight = expected * (1 - expected);
            byConstant += expected - seen;
            bySlope += (expected - seen) * x;
            twiceConstant += weight;
            both += weight * x;
            twiceSlope += weight * x * x;
        }

        var determinant = (twiceConstant * twiceSlope) - (both * both);
        return (
            ((twiceSlope * byConstant) - (both * bySlope)) / determinant,
            ((twiceConstant * bySlope) - (both * byConstant)) / determinant);
    }

    // What is minimized: the negative logarithm of the likelihood, and the ridge.
    private double Loss(IReadOnlyList<(double X, double Share)> points)
    {
        var loss = Ridge / 2 * ((Constant * Constant) + (Slope * Slope));
        foreach (var (x, seen) in points)
        {
            var odds = Constant + (Slope * x);
            // log(1 + exp(odds)) without overflow.
            loss += Math.Max(odds, 0) + Math.Log(1 + Math.Exp(-Math.Abs(odds))) - (seen * odds);
        }

        return loss;
    }

    private static double Logistic(double odds) => 1 / (1 + Math.Exp(-odds));
}
