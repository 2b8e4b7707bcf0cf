namespace Orca.Evaluation.Statistics;

/// <summary>A range that holds the true value with 95 % confidence.</summary>
/// <param name="Low">Its lower end; for shares 0 to 1.</param>
/// <param name="High">Its upper end; for shares 0 to 1.</param>
public sealed record Interval(double Low, double High)
{
    /// <summary>From its lower to its upper end.</summary>
    public double Width => High - Low;

    /// <summary>Whether <paramref name="value"/> lies within, ends included.</summary>
    public bool Contains(double value) => Low <= value && value <= High;

    /// <summary>
    /// Wilson's score interval for a share seen in a sample; sound also for few trials and for shares of 0 and 1,
    /// where the usual mean ± error is not.
    /// </summary>
    /// <param name="hits">Trials that succeeded, 0 to <paramref name="trials"/>.</param>
    /// <param name="trials">Trials made; 0 gives the whole range.</param>
    public static Interval Wilson(int hits, int trials)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(hits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hits, trials);
        return trials == 0 ? new Interval(0, 1) : Wilson((double)hits / trials, trials, NormalDistribution.Quantile(0.975));
    }

    /// <summary>The same for a share known with the precision of that many independent trials, whole or not.</summary>
    /// <param name="share">The share seen, 0 to 1.</param>
    /// <param name="trials">Independent trials that would give as precise a share; above 0.</param>
    /// <param name="quantile">Standard errors to either side, 1.96 for 95 % of a normal distribution.</param>
    /// <remarks>
    /// E. B. Wilson, Probable inference, JASA 22, 1927. With an effective number of trials: E. L. Korn and B. I. Graubard,
    /// Confidence intervals for proportions with small expected number of positive counts, Survey Methodology 24, 1998.
    /// </remarks>
    public static Interval Wilson(double share, double trials, double quantile)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(share, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(trials);
        var square = quantile * quantile;
        var scale = 1 + (square / trials);
        var centre = (share + (square / (2 * trials))) / scale;
        var half = quantile / scale * Math.Sqrt((share * (1 - share) / trials) + (square / (4 * trials * trials)));
        return new Interval(Math.Max(0, centre - half), Math.Min(1, centre + half));
    }

    /// <summary>The interval of a mean whose distribution is skewed: it reaches further to the side of the longer tail.</summary>
    /// <param name="value">The mean.</param>
    /// <param name="error">Its standard error.</param>
    /// <param name="skewness">Of its distribution; 0 gives as much to either side.</param>
    /// <param name="quantile">Standard errors to either side before the correction.</param>
    /// <remarks>P. Hall, On the removal of skewness by transformation, Journal of the Royal Statistical Society B 54, 1992.</remarks>
    public static Interval Skewed(double value, double error, double skewness, double quantile)
    {
        double Corrected(double distance) => Math.Abs(skewness) < 1e-6
            ? distance
            : 3 / skewness * (Math.Cbrt(1 + (skewness * distance) - (skewness * skewness / 6)) - 1);
        return new Interval(value - (error * Corrected(quantile)), value - (error * Corrected(-quantile)));
    }
}
