using System.Collections.Immutable;
using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Judges;

/// <summary>How much it matters to a judge which answer it is shown first.</summary>
/// <param name="Advantage">Marks that the answer shown first gets more than the one shown second, -10 to 10; 0 for a fair judge.</param>
/// <param name="Interval">Range that holds the true advantage with 95 % confidence; null for a single question.</param>
/// <param name="Compared">Pairs of answers that were judged in both orders.</param>
/// <param name="Changed">Those of which the verdict changed with the order.</param>
/// <param name="ForFirst">Those of which whoever was shown first won both times.</param>
/// <param name="ForSecond">Those of which whoever was shown second won both times.</param>
/// <remarks>Each answer is shown as often first as second, so that what the answers are worth cancels out of the advantage.</remarks>
public sealed record PositionBias(double Advantage, Interval? Interval, int Compared, int Changed, int ForFirst, int ForSecond)
{
    private const double Highest = 10;

    /// <summary>Range that holds the true share of changed verdicts with 95 % confidence.</summary>
    public Interval ChangedInterval => Interval.Wilson(Changed, Compared);

    /// <summary>Of questions that were judged in both orders, one or more.</summary>
    public static PositionBias Of(ImmutableArray<PairScores> questions)
    {
        var orders = questions.SelectMany(question => question.Orders).ToList();
        return new PositionBias(
            questions.Average(question => question.First - question.Second),
            IntervalOf(questions),
            orders.Count,
            orders.Count(order => order.IsChanged),
            orders.Count(order => order.IsForFirst),
            orders.Count(order => order.IsForSecond));
    }

    private static Interval? IntervalOf(ImmutableArray<PairScores> questions)
    {
        if (questions.Length < 2)
        {
            return null;
        }

        TaskMarks Marks(Func<PairScores, double> mark) =>
            TaskMarks.Of("questions", questions.Select(question => new ItemMark(question.Key, mark(question) / Highest)));
        var compared = PairedComparison.Of([Marks(question => question.Second)], [Marks(question => question.First)]).Interval;
        return new Interval(compared.Low * Highest, compared.High * Highest);
    }
}
