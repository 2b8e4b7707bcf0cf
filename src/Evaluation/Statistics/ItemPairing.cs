namespace Orca.Evaluation.Statistics;

/// <summary>Lays two runs over the same items side by side.</summary>
internal static class ItemPairing
{
    /// <summary>One entry an item: both its marks, task by task in the order of <paramref name="first"/>.</summary>
    /// <exception cref="ArgumentException">A task or an item is missing from either run.</exception>
    public static IReadOnlyList<(string Task, ItemPair[] Items)> Of(IReadOnlyList<TaskMarks> first, IReadOnlyList<TaskMarks> second)
    {
        Refuse(first, second, "second");
        Refuse(second, first, "first");
        var byTask = second.ToDictionary(task => task.Task);
        return [.. first.Select(task => (task.Task, Pair(task, byTask[task.Task])))];
    }

    /// <summary>Second less first, item by item.</summary>
    public static TaskValues[] Differences(IReadOnlyList<TaskMarks> first, IReadOnlyList<TaskMarks> second) =>
        [.. Of(first, second).Select(task => new TaskValues(task.Task, [.. task.Items.Select(item => item.Difference)]))];

    private static ItemPair[] Pair(TaskMarks first, TaskMarks second) =>
        [.. first.Items.Zip(second.Items, (one, other) => new ItemPair(one.Mark, other.Mark))];

    private static void Refuse(IReadOnlyList<TaskMarks> present, IReadOnlyList<TaskMarks> searched, string run)
    {
        var tasks = new Dictionary<string, TaskMarks>();
        foreach (var task in searched)
        {
            if (!tasks.TryAdd(task.Task, task))
            {
                throw new ArgumentException($"Task '{task.Task}' is given twice in the {run} run; put its marks together first.");
            }
        }

        var (missing, example) = (0, "");
        foreach (var task in present)
        {
            foreach (var item in Missing(task, tasks.GetValueOrDefault(task.Task)))
            {
                example = missing++ == 0 ? $"'{item}' of task '{task.Task}'" : example;
            }
        }

        if (missing > 0)
        {
            var items = present.Sum(task => task.Items.Length);
            throw new ArgumentException(
                $"The {run} run lacks {missing} of the other's {items} items, such as {example}; compare runs over the same items.");
        }
    }

    private static IEnumerable<string> Missing(TaskMarks task, TaskMarks? other)
    {
        var items = task.Items.Select(item => item.Item);
        return other is null ? items
            : items.SequenceEqual(other.Items.Select(item => item.Item)) ? []
            : items.Except(other.Items.Select(item => item.Item));
    }
}
