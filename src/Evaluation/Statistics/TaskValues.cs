namespace Orca.Evaluation.Statistics;

/// <summary>One value for each item of a task: its mark, or the difference of two marks.</summary>
internal sealed record TaskValues(string Task, double[] Values)
{
    public static TaskValues[] Of(IReadOnlyList<TaskMarks> tasks) =>
        [.. tasks.Select(task => new TaskValues(task.Task, [.. task.Items.Select(item => item.Mark)]))];

    public TaskSummary Summarize()
    {
        var mean = Values.Sum() / Values.Length;
        var squares = Values.Sum(value => (value - mean) * (value - mean));
        return new TaskSummary(Task, Values.Length, mean, Values.Length == 1 ? 0 : squares / (Values.Length - 1));
    }
}
