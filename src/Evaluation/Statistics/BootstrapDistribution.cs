using System.Collections.Immutable;

namespace Orca.Evaluation.Statistics;

/// <summary>A mean over tasks and what it was in resamples of what it was taken over.</summary>
/// <param name="Value">The mean as seen.</param>
/// <param name="Draws">The means of the resamples, ascending.</param>
public sealed record BootstrapDistribution(double Value, ImmutableArray<double> Draws)
{
    // Sums of differences that are equal but for rounding.
    private const double Tie = 1e-12;

    /// <summary>The percentile interval: 2.5 % of the resamples lie below it, 2.5 % above.</summary>
    public Interval Interval => new(Draws[Rank(0.025)], Draws[Rank(0.975)]);

    /// <summary>
    /// Two-sided p of the true mean being 0: twice the share of resamples on its other side, those equal to it by half
    /// (one is added to both counts, as by A. C. Davison and D. V. Hinkley, Bootstrap Methods and their Application, 1997).
    /// </summary>
    public double P
    {
        get
        {
            var below = Draws.Count(draw => draw < -Tie) + (Draws.Count(draw => Math.Abs(draw) <= Tie) / 2.0);
            return Math.Min(1, 2 * (Math.Min(below, Draws.Length - below) + 1) / (Draws.Length + 1));
        }
    }

    private int Rank(double share) => Math.Clamp((int)(share * (Draws.Length + 1)) - 1, 0, Draws.Length - 1);
}
