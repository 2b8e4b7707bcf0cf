namespace Orca.Evaluation.Statistics;

/// <summary>A mean over tasks and how precisely it is known.</summary>
/// <param name="Value">The mean.</param>
/// <param name="Variance">Its variance from run to run of what is sampled; 0 where nothing seen varies.</param>
/// <param name="DegreesOfFreedom">Of the variance.</param>
/// <param name="Skewness">Of its distribution, as far as it comes of tasks drawn anew; else 0.</param>
/// <param name="Units">Independent items, or tasks, that would weigh as much: what there is to go by where nothing varies.</param>
/// <remarks>
/// Items: the variance of a stratified mean, tasks being the strata (W. G. Cochran, Sampling Techniques, 3rd ed. 1977), with the
/// degrees of freedom of F. E. Satterthwaite, Biometrics Bulletin 2, 1946. A task of one item shows no spread: it is given that of all
/// items about the mean of all, which also holds how tasks differ, so errs to the wide side.
/// Tasks and items: the spread of the tasks' means already holds the noise of their items (Miller 2024, on clustered errors), so
/// that tasks alone are the units; for unequal weights the linearised variance of a ratio (Cochran).
/// </remarks>
internal sealed record TaskMean(double Value, double Variance, double DegreesOfFreedom, double Skewness, double Units)
{
    // Rounding of sums of values up to 1, not spread.
    private const double Nothing = 1e-24;

    public static TaskMean Of(IReadOnlyList<TaskSummary> tasks, Weighting weighting, Sampling sampling)
    {
        if (tasks.Count == 0)
        {
            throw new ArgumentException("There is no task to take a mean of.", nameof(tasks));
        }

        if (tasks.GroupBy(task => task.Task).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"Task '{twice.Key}' is given {twice.Count()} times; put its marks together first.", nameof(tasks));
        }

        double items = tasks.Sum(task => task.Items);
        var weights = tasks.Select(task => weighting == Weighting.EqualTasks ? 1.0 / tasks.Count : task.Items / items).ToArray();
        var value = tasks.Zip(weights, (task, weight) => weight * task.Mean).Sum();
        return sampling == Sampling.Items ? OverItems(tasks, weights, value) : OverTasks(tasks, weights, value);
    }

    private static TaskMean OverItems(IReadOnlyList<TaskSummary> tasks, double[] weights, double value)
    {
        var (variance, squares, units) = (0.0, 0.0, 0.0);
        var (pooled, pooledFreedom) = Pooled(tasks);
        for (var i = 0; i < weights.Length; i++)
        {
            var single = tasks[i].Items == 1;
            var part = weights[i] * weights[i] * (single ? pooled : tasks[i].Variance) / tasks[i].Items;
            variance += part;
            squares += part * part / (single ? pooledFreedom : tasks[i].Items - 1);
            units += weights[i] * weights[i] / tasks[i].Items;
        }

        return variance < Nothing
            ? new TaskMean(value, 0, double.PositiveInfinity, 0, 1 / units)
            : new TaskMean(value, variance, variance * variance / squares, 0, 1 / units);
    }

    private static TaskMean OverTasks(IReadOnlyList<TaskSummary> tasks, double[] weights, double value)
    {
        if (tasks.Count < 2)
        {
            throw new ArgumentException($"How tasks differ cannot be told from '{tasks[0].Task}' alone; give two or more.", nameof(tasks));
        }

        var parts = tasks.Zip(weights, (task, weight) => weight * (task.Mean - value)).ToArray();
        var squares = parts.Sum(part => part * part);
        var variance = squares * tasks.Count / (tasks.Count - 1);
        var units = 1 / weights.Sum(weight => weight * weight);
        return variance < Nothing
            ? new TaskMean(value, 0, double.PositiveInfinity, 0, units)
            : new TaskMean(value, variance, tasks.Count - 1, parts.Sum(part => part * part * part) / Math.Pow(squares, 1.5), units);
    }

    private static (double Variance, double DegreesOfFreedom) Pooled(IReadOnlyList<TaskSummary> tasks)
    {
        double items = tasks.Sum(task => task.Items);
        if (items == 1)
        {
            throw new ArgumentException($"One item, of task '{tasks[0].Task}', tells nothing of others; give two or more.", nameof(tasks));
        }

        var mean = tasks.Sum(task => task.Items * task.Mean) / items;
        var squares = tasks.Sum(task => ((task.Items - 1) * task.Variance) + (task.Items * (task.Mean - mean) * (task.Mean - mean)));
        return (squares / (items - 1), items - 1);
    }
}
