using System.Collections.Immutable;
using Orca.Evaluation.Runs;
using Orca.Evaluation.Statistics;
using Orca.Evaluation.Suites;

namespace Orca.Evaluation.Reports;

/// <summary>Two runs over the same questions, compared question by question.</summary>
/// <param name="All">Over all tasks, each counting alike.</param>
/// <param name="Tasks">Each task with more than one question, its p corrected for being one of so many (Holm).</param>
/// <param name="Changed">Questions that one got right and the other wrong, in the first samples.</param>
public sealed record RunComparison(
    PairedComparison All, ImmutableArray<(string Task, PairedComparison Comparison, double AdjustedP)> Tasks,
    ImmutableArray<(ItemRecord First, ItemRecord Second)> Changed)
{
    /// <summary>Compares two runs.</summary>
    /// <exception cref="EvaluationException">They did not ask the same questions.</exception>
    public static RunComparison Of(ImmutableArray<ItemRecord> first, ImmutableArray<ItemRecord> second)
    {
        if (first.All(record => record.Gold.IsEmpty))
        {
            throw new EvaluationException(
                "The runs' questions have no gold answer, so neither is right or wrong; 'orca eval judge' compares their answers.");
        }

        var (mine, theirs) = (MarksOf(first), MarksOf(second));
        try
        {
            var tasks = mine.Where(task => task.Items.Length > 1)
                .Select(task => (
                    task.Task, Comparison: PairedComparison.Of([task], [.. theirs.Where(other => other.Task == task.Task)]))).ToList();
            var adjusted = Holm.Adjust([.. tasks.Select(task => (task.Task, task.Comparison.P))]);
            var seconds = second.Where(record => record.Repeat == 0).ToDictionary(record => record.Item);
            return new RunComparison(
                PairedComparison.Of(mine, theirs),
                [.. tasks.Zip(adjusted, (task, p) => (task.Task, task.Comparison, p.Adjusted))],
                [
                    .. first.Where(record => record.Repeat == 0).Select(record => (record, seconds[record.Item]))
                        .Where(pair => pair.record.IsRight != pair.Item2.IsRight),
                ]);
        }
        catch (ArgumentException failure)
        {
            throw new EvaluationException($"The runs cannot be compared: {failure.Message}", failure);
        }
    }

    private static ImmutableArray<TaskMarks> MarksOf(ImmutableArray<ItemRecord> records) =>
        [.. records.GroupBy(record => record.Task).OrderBy(task => task.Key, StringComparer.Ordinal)
            .Select(task => TaskScore.Marks(task.Key, task))];
}
