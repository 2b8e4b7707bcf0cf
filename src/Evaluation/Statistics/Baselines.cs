namespace Orca.Evaluation.Statistics;

/// <summary>What is to be answered to an item.</summary>
/// <param name="Answer">The right answer.</param>
/// <param name="Options">The answers listed in the question, in their order; empty where it lists none.</param>
public readonly record struct ReferenceItem(string Answer, IReadOnlyList<string> Options);

/// <summary>What one scores on a task without reading its questions, 0 to 1.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Items">Its items.</param>
/// <param name="MajorityAnswer">The most frequent answer; of equally frequent ones the first by ordinal order.</param>
/// <param name="Majority">Share of items that giving it always gets right.</param>
/// <param name="FirstOption">Share that always giving the first option gets right; null where an item lists none.</param>
/// <param name="Guess">Share that guessing among the listed options gets right on average; null where an item lists none.</param>
public sealed record Baselines(string Task, int Items, string MajorityAnswer, double Majority, double? FirstOption, double? Guess)
{
    /// <summary>The best of them: what a score must pass to show anything.</summary>
    public double Best => Math.Max(Majority, Math.Max(FirstOption ?? 0, Guess ?? 0));

    /// <summary>Counts a task's items. Answers and options are compared as they stand.</summary>
    /// <exception cref="ArgumentException">No items, or an answer that is not among the options which its item lists.</exception>
    public static Baselines Of(string task, IReadOnlyList<ReferenceItem> items)
    {
        if (items.Count == 0)
        {
            throw new ArgumentException($"Task '{task}' has no items.", nameof(items));
        }

        foreach (var item in items)
        {
            if (item.Options.Count > 0 && !item.Options.Contains(item.Answer))
            {
                throw new ArgumentException(
                    $"Task '{task}': the answer '{item.Answer}' is not among the options '{string.Join("', '", item.Options)}'.",
                    nameof(items));
            }
        }

        var (answer, count) = items.CountBy(item => item.Answer).OrderByDescending(pair => pair.Value)
            .ThenBy(pair => pair.Key, StringComparer.Ordinal).First();
        var listed = items.All(item => item.Options.Count > 0);
        return new Baselines(
            task, items.Count, answer, (double)count / items.Count,
            listed ? items.Average(item => item.Options[0] == item.Answer ? 1.0 : 0) : null,
            listed ? items.Average(item => 1.0 / item.Options.Count) : null);
    }
}
