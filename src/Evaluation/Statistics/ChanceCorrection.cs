namespace Orca.Evaluation.Statistics;

/// <summary>Puts scores of tasks of different chance on one scale: 0 at chance, 1 at perfect, below 0 below chance.</summary>
/// <remarks>The form of J. Cohen, A coefficient of agreement for nominal scales, Educational and Psychol. Measurement 20, 1960.</remarks>
public static class ChanceCorrection
{
    /// <summary>(score - chance) / (1 - chance).</summary>
    /// <param name="score">0 to 1.</param>
    /// <param name="chance">What the baseline scores, 0 up to, not including, 1.</param>
    public static double Of(double score, double chance)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(chance);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(chance, 1);
        return (score - chance) / (1 - chance);
    }

    /// <summary>An interval of scores on that scale.</summary>
    public static Interval Of(Interval scores, double chance) => new(Of(scores.Low, chance), Of(scores.High, chance));

    /// <summary>Unweighted mean over tasks of their corrected scores.</summary>
    public static double Mean(IReadOnlyList<(double Score, double Chance)> tasks) => tasks.Average(task => Of(task.Score, task.Chance));
}
