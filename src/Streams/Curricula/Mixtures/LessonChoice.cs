using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Storage;

namespace Orca.Streams.Curricula.Mixtures;

/// <summary>
/// Which of the lessons that wait is taught next: a collection by its weight, a task of it by its weight and by how many of its lessons
/// wait, of the task the first. A function of the lessons, the weights and the generator.
/// </summary>
internal static class LessonChoice
{
    /// <summary>One of the lessons.</summary>
    /// <param name="heads">At least one.</param>
    /// <param name="weightOf">Weight of a collection, or with a task of that among the collection's; above 0.</param>
    /// <param name="random">Drawn from twice.</param>
    public static AcceptedPlace Of(List<TaskHead> heads, Func<string, string?, double> weightOf, SeededRandom random)
    {
        var collections = heads.GroupBy(head => head.First.Collection).ToList();
        var collection = Draw(collections, group => weightOf(group.Key, null), random);
        return Draw([.. collection], head => weightOf(collection.Key, head.First.Task) * head.Count, random).First;
    }

    private static T Draw<T>(List<T> choices, Func<T, double> weightOf, SeededRandom random)
    {
        var draw = random.NextDouble() * choices.Sum(weightOf);
        foreach (var choice in choices)
        {
            draw -= weightOf(choice);
            if (draw < 0)
            {
                return choice;
            }
        }

        return choices[^1];
    }
}
