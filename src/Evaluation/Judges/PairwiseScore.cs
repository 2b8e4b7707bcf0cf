using System.Collections.Immutable;
using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Judges;

/// <summary>What a candidate's answers are worth beside a reference's to some questions.</summary>
/// <param name="Task">The questions' task.</param>
/// <param name="Questions">How many.</param>
/// <param name="Candidate">Mean mark of the candidate, 0 to 10.</param>
/// <param name="Reference">Mean mark of the reference.</param>
/// <param name="Relative">
/// The candidate's marks by the reference's, sum by sum, 1 for as good: what Vicuna's authors and Orca's report in percent. Null where the
/// reference got nothing.
/// </param>
/// <param name="Interval">Range that holds the true ratio with 95 % confidence; null where it cannot be told.</param>
/// <param name="Wins">Questions whose answer by the candidate has the higher mark.</param>
/// <param name="Ties">Questions with equal marks.</param>
/// <param name="Losses">Questions whose answer by the reference has the higher mark.</param>
/// <param name="WinRate">Share of wins, a tie counting one half.</param>
/// <param name="WinInterval">Range that holds the true share with 95 % confidence; null for a single question.</param>
public sealed record PairwiseScore(
    string Task, int Questions, double Candidate, double Reference, double? Relative, Interval? Interval, int Wins, int Ties, int Losses,
    double WinRate, Interval? WinInterval)
{
    /// <summary>Of questions, one or more.</summary>
    public static PairwiseScore Of(string task, ImmutableArray<PairScores> questions)
    {
        var several = questions.Length > 1;
        return new PairwiseScore(
            task,
            questions.Length,
            questions.Average(question => question.Candidate),
            questions.Average(question => question.Reference),
            questions.Sum(question => question.Reference) > 0 ? Ratio(questions) : null,
            several ? IntervalOf(ItemBootstrap.Of(questions, Ratio)) : null,
            questions.Count(question => question.Preference > 0.5),
            questions.Count(question => question.Preference == 0.5),
            questions.Count(question => question.Preference < 0.5),
            questions.Average(question => question.Preference),
            several ? Score.Of([TaskMarks.Of(task, questions.Select(one => new ItemMark(one.Key, one.Preference)))]).Interval : null);
    }

    // Few questions, of which the reference has marks in some alone, leave resamples without any.
    private static Interval? IntervalOf(BootstrapDistribution ratio) =>
        double.IsFinite(ratio.Draws[0]) && double.IsFinite(ratio.Draws[^1]) ? ratio.Interval : null;

    private static double Ratio(IReadOnlyList<PairScores> questions) =>
        questions.Sum(question => question.Candidate) / questions.Sum(question => question.Reference);
}
