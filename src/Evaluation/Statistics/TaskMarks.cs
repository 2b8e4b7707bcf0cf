using System.Collections.Immutable;

namespace Orca.Evaluation.Statistics;

/// <summary>The mark of one answer.</summary>
/// <param name="Item">The question's id within its task; given again where the question was asked again.</param>
/// <param name="Mark">0 (wrong) to 1 (right).</param>
public readonly record struct ItemMark(string Item, double Mark);

/// <summary>The marks of one task's items.</summary>
/// <remarks>
/// Several answers to one item are a cluster: they say more of that item, and nothing of others. The item's mark is therefore their
/// mean, and it counts once however often it was asked (E. Miller, Adding error bars to evals, arXiv 2411.00640, 2024).
/// </remarks>
public sealed class TaskMarks
{
    private TaskMarks(string task, ImmutableArray<ItemMark> items) => (Task, Items) = (task, items);

    /// <summary>The task's name.</summary>
    public string Task { get; }

    /// <summary>Its items in order of their ids (ordinal), each once, with the mean of its marks. Never empty.</summary>
    public ImmutableArray<ItemMark> Items { get; }

    /// <summary>Collects a task's marks, given in any order.</summary>
    /// <exception cref="ArgumentException">There is none, or one is not within 0 to 1.</exception>
    public static TaskMarks Of(string task, IEnumerable<ItemMark> marks)
    {
        var sorted = marks.ToArray();
        if (sorted.Length == 0)
        {
            throw new ArgumentException($"Task '{task}' has no marks; leave it out or ask its items.", nameof(marks));
        }

        if (Array.FindIndex(sorted, mark => !(mark.Mark is >= 0 and <= 1)) is var bad and >= 0)
        {
            throw new ArgumentException(
                $"Task '{task}': item '{sorted[bad].Item}' is marked {sorted[bad].Mark}; marks are 0 to 1.", nameof(marks));
        }

        if (!IsAscending(sorted))
        {
            // By mark within an item too: sums of doubles depend on their order, and results must not depend on that of the marks.
            Array.Sort(sorted, (one, other) =>
                string.CompareOrdinal(one.Item, other.Item) is var order and not 0 ? order : one.Mark.CompareTo(other.Mark));
        }

        return new TaskMarks(task, Merge(sorted));
    }

    private static bool IsAscending(ItemMark[] marks)
    {
        for (var i = 1; i < marks.Length; i++)
        {
            if (string.CompareOrdinal(marks[i - 1].Item, marks[i].Item) >= 0)
            {
                return false;
            }
        }

        return true;
    }

    private static ImmutableArray<ItemMark> Merge(ItemMark[] sorted)
    {
        var items = ImmutableArray.CreateBuilder<ItemMark>(sorted.Length);
        for (int start = 0, end; start < sorted.Length; start = end)
        {
            var sum = 0.0;
            for (end = start; end < sorted.Length && sorted[end].Item == sorted[start].Item; end++)
            {
                sum += sorted[end].Mark;
            }

            items.Add(new ItemMark(sorted[start].Item, sum / (end - start)));
        }

        return items.DrainToImmutable();
    }
}
