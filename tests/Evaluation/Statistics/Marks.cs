using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Tests.Statistics;

/// <summary>Marks of items that are named by their places.</summary>
internal static class Marks
{
    private static readonly string[] Names = [.. Enumerable.Range(0, 10_000).Select(place => $"{place:D4}")];

    public static TaskMarks Of(string task, params double[] marks) =>
        TaskMarks.Of(task, marks.Select((mark, place) => new ItemMark(Names[place], mark)));
}
