using Orca.Evaluation.Statistics;
using Orca.Streams.Collecting;

namespace Orca.Cli.Collecting;

/// <summary>A question that came to its end.</summary>
/// <param name="IsAccepted">Whether an answer to it passed every screen.</param>
/// <param name="Cost">What it cost, in US dollars.</param>
/// <param name="Seconds">How long its answers took, one after another.</param>
/// <param name="Tokens">Tokens of question and answer.</param>
internal readonly record struct SampledCandidate(bool IsAccepted, double Cost, double Seconds, double Tokens = 0)
{
    /// <summary>The question with one more of its answers.</summary>
    public SampledCandidate Plus(SampledCandidate answer) => new(
        IsAccepted || answer.IsAccepted, Cost + answer.Cost, Seconds + answer.Seconds, Tokens + answer.Tokens);
}

/// <summary>What something will come to, with the range that holds it in 95 of 100 cases.</summary>
internal readonly record struct Estimate(double Low, double Expected, double High)
{
    /// <summary>Half of the range, as a share of what is expected.</summary>
    public double Precision => Expected > 0 ? (High - Expected) / Expected : 0;

    /// <summary>The same in another unit.</summary>
    public static Estimate operator *(Estimate estimate, double factor) =>
        new(estimate.Low * factor, estimate.Expected * factor, estimate.High * factor);
}

/// <summary>
/// What a whole collection will come to, the questions of the sample included, told from a sample of it. Takes the questions to be alike:
/// does not know of a later stage with another teacher.
/// </summary>
/// <remarks>
/// The yield's interval is Wilson's (E. B. Wilson 1927, "Probable inference"). Amounts for N accepted traces are those of the ratio
/// estimator (W. G. Cochran, "Sampling Techniques", chapter 6): amount per accepted trace R = Σx / Σa, residuals d = x − R·a, variance of
/// R: s²(d) / (n·ā²). What the rest really comes to scatters about it as a sum that stops at the N-th acceptance, by Wald's second
/// identity with the variance s²(d) for each question. Both together, with Student's t of n − 1 degrees of freedom.
/// </remarks>
internal sealed class CollectionForecast
{
    // Quantile of the normal distribution that leaves 2.5 % above it.
    private const double Z = 1.959964;

    private readonly IReadOnlyList<SampledCandidate> _sample;
    private readonly CollectionGoal _rest;

    /// <param name="sample">What was asked and how it came out; two at least.</param>
    /// <param name="goal">What is wanted in all, the sample included.</param>
    public CollectionForecast(IReadOnlyList<SampledCandidate> sample, CollectionGoal goal)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sample.Count, 2);
        _sample = sample;
        Accepted = sample.Count(candidate => candidate.IsAccepted);
        _rest = new CollectionGoal { Accept = goal.Accept - Accepted, Candidates = goal.Candidates - sample.Count };
    }

    /// <summary>Accepted questions of the sample.</summary>
    public int Accepted { get; }

    /// <summary>Share of the questions whose answers are accepted.</summary>
    public Estimate Yield
    {
        get
        {
            var interval = Interval.Wilson(Accepted, _sample.Count);
            return new Estimate(interval.Low, (double)Accepted / _sample.Count, interval.High);
        }
    }

    /// <summary>Questions to be asked; null where it cannot be told, since none was accepted.</summary>
    public Estimate? Candidates => Amount(_ => 1);

    /// <summary>US dollars to be paid; null where it cannot be told.</summary>
    public Estimate? Cost => Amount(candidate => candidate.Cost);

    /// <summary>Seconds of all answers one after another, to be divided by the requests in flight; null where it cannot be told.</summary>
    public Estimate? Seconds => Amount(candidate => candidate.Seconds);

    /// <summary>Tokens of questions and answers; null where it cannot be told.</summary>
    public Estimate? Tokens => Amount(candidate => candidate.Tokens);

    /// <summary>
    /// How large a sample must be, about, for a price, or a number of candidates where nothing has a price, that is within a share of what
    /// is expected.
    /// </summary>
    /// <param name="share">The share, such as 0.2 for 20 % more or less.</param>
    public int SampleFor(double share)
    {
        // Where nothing was accepted, twice as many may tell.
        var times = (Cost is { Expected: > 0 } cost ? cost : Candidates) is { } known ? Math.Pow(known.Precision / share, 2) : 2;
        return (int)Math.Min(int.MaxValue, Math.Ceiling(_sample.Count * times));
    }

    private Estimate? Amount(Func<SampledCandidate, double> amountOf)
    {
        var (count, amounts) = (_sample.Count, _sample.Select(amountOf).ToArray());
        var (spent, yield) = (amounts.Sum(), (double)Accepted / _sample.Count);
        var byCandidates = _rest.Candidates ?? double.PositiveInfinity;
        var byAccepted = _rest.Accept is { } wanted ? Math.Max(0, wanted) / yield : double.PositiveInfinity;
        var asked = Math.Max(0, Math.Min(byCandidates, byAccepted));
        if (!double.IsFinite(asked))
        {
            return null;
        }

        // Where the count of questions decides, every one counts for one; else only those that are accepted.
        var isByAccepted = byAccepted < byCandidates;
        var share = isByAccepted ? yield : 1;
        var ratio = spent / count / share;
        var residuals = _sample.Select((candidate, i) => amounts[i] - (ratio * (!isByAccepted || candidate.IsAccepted ? 1 : 0)));
        var variance = residuals.Sum(residual => residual * residual) / (count - 1);
        var half = StudentT(count - 1) * Math.Sqrt(variance * ((asked * asked / count) + asked));
        var expected = spent + (asked * share * ratio);
        return new Estimate(Math.Max(spent, expected - half), expected, expected + half);
    }

    // Its quantile that leaves 2.5 % above it, by the expansion about the normal one (Abramowitz and Stegun, 26.7.5).
    private static double StudentT(double degrees)
    {
        var (z3, z5, z7) = (Math.Pow(Z, 3), Math.Pow(Z, 5), Math.Pow(Z, 7));
        return Z + ((z3 + Z) / (4 * degrees)) + (((5 * z5) + (16 * z3) + (3 * Z)) / (96 * degrees * degrees))
            + (((3 * z7) + (19 * z5) + (17 * z3) - (15 * Z)) / (384 * Math.Pow(degrees, 3)));
    }
}
