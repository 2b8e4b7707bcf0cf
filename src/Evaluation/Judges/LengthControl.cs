using System.Collections.Immutable;
using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Judges;

/// <summary>How often the candidate would be preferred if its answers were as long as the reference's.</summary>
/// <param name="WinRate">That share, 0 to 1.</param>
/// <param name="Interval">Range that holds the true share with 95 % confidence; null for a single question.</param>
/// <param name="Slope">Growth of the logarithm of the odds with the length difference; above 0 for a judge that likes length.</param>
/// <param name="Longer">Questions whose answer by the candidate is the longer one.</param>
/// <param name="Shorter">Questions whose answer by the candidate is the shorter one.</param>
/// <remarks>
/// Y. Dubois, B. Galambosi, P. Liang and T. B. Hashimoto, Length-controlled AlpacaEval, arXiv 2404.04475, 2024, for two students alone:
/// preference ~ logistic(a + b · tanh((length of candidate − length of reference) / standard deviation of that difference)), and the win
/// rate is logistic(a). Their term for a question's difficulty, which takes many students to fit, is left out. Preferences are 1, 0 or
/// one half for a tie. Where all of the candidate's answers are longer, or all shorter, it is an extrapolation.
/// </remarks>
public sealed record LengthControl(double WinRate, Interval? Interval, double Slope, int Longer, int Shorter)
{
    // A fit costs about a thousand times a mean.
    private const int Resamples = 2_000;

    /// <summary>Of questions that were judged in both orders, one or more.</summary>
    public static LengthControl Of(ImmutableArray<PairScores> questions)
    {
        var fit = Fit(questions);
        return new LengthControl(
            fit.ShareAtZero,
            questions.Length < 2 ? null : ItemBootstrap.Of(questions, drawn => Fit(drawn).ShareAtZero, Resamples).Interval,
            fit.Slope,
            questions.Count(question => question.LengthDifference > 0),
            questions.Count(question => question.LengthDifference < 0));
    }

    private static LogisticRegression Fit(IReadOnlyList<PairScores> questions)
    {
        var mean = questions.Average(question => question.LengthDifference);
        var deviation = Math.Sqrt(questions.Average(question => Math.Pow(question.LengthDifference - mean, 2)));

        // Where all differ alike, length explains nothing.
        return LogisticRegression.Fit(
            [.. questions.Select(question => (
                deviation > 0 ? Math.Tanh(question.LengthDifference / deviation) : 0,
                question.Preference))]);
    }
}
