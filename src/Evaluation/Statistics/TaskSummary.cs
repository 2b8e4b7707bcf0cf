namespace Orca.Evaluation.Statistics;

/// <summary>All that a mean over tasks and its error need of one task.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Items">Its items, 1 or more.</param>
/// <param name="Mean">Mean over its items.</param>
/// <param name="Variance">Sample variance over its items (divided by one less than them); 0 for one item.</param>
public sealed record TaskSummary(string Task, int Items, double Mean, double Variance)
{
    /// <summary>Of marks.</summary>
    public static TaskSummary Of(TaskMarks marks) => TaskValues.Of([marks])[0].Summarize();

    /// <summary>Of items that are each right or wrong, asked once.</summary>
    public static TaskSummary OfCounts(string task, int right, int items)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(items);
        ArgumentOutOfRangeException.ThrowIfNegative(right);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(right, items);
        var share = (double)right / items;
        return new TaskSummary(task, items, share, items == 1 ? 0 : share * (1 - share) * items / (items - 1));
    }
}
