using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Runs;

/// <summary>How one family of tasks went.</summary>
/// <param name="Family">Name of the task within its collection.</param>
/// <param name="Asked">Questions asked.</param>
/// <param name="Right">Questions answered rightly.</param>
/// <param name="Unparsed">Answers in which no answer of the expected form was found; they count as wrong.</param>
/// <param name="Chance">Share that blind guessing gets right, 0 to 1, below 1.</param>
public sealed record FamilyResult(string Family, int Asked, int Right, int Unparsed, double Chance)
{
    /// <summary>Share answered rightly, 0 to 1.</summary>
    public double Accuracy => Asked == 0 ? 0 : (double)Right / Asked;

    /// <summary>How far from guessing (0) to perfect (1) it got; below 0 where guessing does better.</summary>
    public double ChanceCorrected => Chance >= 1 ? 0 : (Accuracy - Chance) / (1 - Chance);

    /// <summary>Range that holds the true accuracy with 95 % confidence.</summary>
    public Interval Interval => Interval.Wilson(Right, Asked);
}
