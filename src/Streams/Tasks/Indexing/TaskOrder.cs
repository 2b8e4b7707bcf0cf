using System.Collections;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Orca.Streams.Tasks.Files;

namespace Orca.Streams.Tasks.Indexing;

/// <summary>Puts the rows of each task together: where they do not follow one another, by a list of their numbers.</summary>
internal static class TaskOrder
{
    // Numbers of rows that are held at once: the rows are gone over once for each group of tasks that have so many.
    private const int NumbersAtOnce = 4 << 20;

    /// <summary>The tasks with their questions; those that have none are left away.</summary>
    /// <param name="names">Collection and name of each task.</param>
    /// <param name="facts">The rows.</param>
    /// <param name="leftOut">Rows that are no questions; null for none.</param>
    /// <param name="order">Takes the numbers of rows, four bytes each.</param>
    public static ImmutableArray<IndexedTask> Of(
        IReadOnlyList<(string Collection, string Task)> names, RowFacts facts, BitArray? leftOut, Spool order)
    {
        var (first, last, count) = (new long[names.Count], new long[names.Count], new long[names.Count]);
        foreach (var (row, task) in Questions(facts, leftOut))
        {
            first[task] = count[task]++ == 0 ? row : first[task];
            last[task] = row;
        }

        var isInARow = names.Select((_, task) => count[task] == last[task] - first[task] + 1).ToList();
        var tasks = Enumerable.Range(0, names.Count).Where(task => count[task] > 0).ToList();
        foreach (var group in Groups(tasks.Where(task => !isInARow[task]), count))
        {
            WriteNumbers(group, count, Questions(facts, leftOut), order, first);
        }

        return
        [
            .. tasks.Select(task => new IndexedTask(names[task].Collection, names[task].Task, first[task], count[task], isInARow[task])),
        ];
    }

    private static IEnumerable<List<int>> Groups(IEnumerable<int> tasks, long[] count)
    {
        var (group, numbers) = (new List<int>(), 0L);
        foreach (var task in tasks)
        {
            if (group.Count > 0 && numbers + count[task] > NumbersAtOnce)
            {
                yield return group;
                (group, numbers) = ([], 0);
            }

            group.Add(task);
            numbers += count[task];
        }

        if (group.Count > 0)
        {
            yield return group;
        }
    }

    // Of a group of one task its numbers are written as they come, however many they are.
    private static void WriteNumbers(
        List<int> group, long[] count, IEnumerable<(long Row, int Task)> questions, Spool order, long[] first)
    {
        var next = group.ToDictionary(task => task, _ => 0L);
        var (numbers, written) = (0L, order.Length / sizeof(uint));
        foreach (var task in group)
        {
            (first[task], next[task]) = (written + numbers, numbers);
            numbers += count[task];
        }

        if (group.Count == 1)
        {
            foreach (var (row, _) in questions.Where(question => question.Task == group[0]))
            {
                order.Append(MemoryMarshal.AsBytes([(uint)row]));
            }

            return;
        }

        var rows = new uint[numbers];
        foreach (var (row, task) in questions)
        {
            ref var at = ref CollectionsMarshal.GetValueRefOrNullRef(next, task);
            if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref at))
            {
                rows[at++] = (uint)row;
            }
        }

        order.Append(MemoryMarshal.AsBytes<uint>(rows));
    }

    private static IEnumerable<(long Row, int Task)> Questions(RowFacts facts, BitArray? leftOut)
    {
        var row = 0L;
        foreach (var fact in facts.ReadAll())
        {
            if (fact.Task >= 0 && leftOut?[(int)row] != true)
            {
                yield return (row, fact.Task);
            }

            row++;
        }
    }
}
