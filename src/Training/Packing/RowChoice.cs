using Orca.Streams.Curricula.Lessons;

namespace Orca.Training.Packing;

/// <summary>Which lessons make a row: the one that has waited longest, then those that together leave the fewest places free.</summary>
internal static class RowChoice
{
    /// <summary>Takes a row's lessons out of those that wait, at least one.</summary>
    /// <param name="waiting">Lessons, the longest wait first; loses those that are taken.</param>
    /// <param name="rowLength">Tokens a row; no lesson is longer.</param>
    public static List<Lesson> Take(List<Lesson> waiting, int rowLength)
    {
        var row = new List<Lesson> { waiting[0] };
        waiting.RemoveAt(0);
        var companions = BestFit.Choose(waiting.ConvertAll(lesson => lesson.Length), rowLength - row[0].Length);
        row.AddRange(companions.Select(index => waiting[index]));
        foreach (var index in companions.OrderDescending())
        {
            waiting.RemoveAt(index);
        }

        return row;
    }
}
