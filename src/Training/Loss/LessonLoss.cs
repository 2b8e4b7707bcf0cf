using System.Collections.Immutable;
using Orca.Streams.Curricula.Lessons;
using Orca.Training.Packing;

namespace Orca.Training.Loss;

/// <summary>How well the student knew a lesson before a step was made of it.</summary>
/// <param name="Lesson">The lesson.</param>
/// <param name="Sum">Sum of the cross-entropies of its tokens that bear loss, in nats, whatever the lesson's weight.</param>
/// <param name="Tokens">How many those are.</param>
public readonly record struct LessonLoss(Lesson Lesson, double Sum, int Tokens)
{
    /// <summary>The counts of a step, with the losses that were found.</summary>
    public static ImmutableSortedDictionary<string, LessonCount> In(
        ImmutableSortedDictionary<string, LessonCount> counts, IEnumerable<LessonLoss> losses) => counts.SetItems(
        losses.GroupBy(loss => loss.Lesson.Collection).Select(group => KeyValuePair.Create(
            group.Key, counts[group.Key] with { Loss = group.Sum(loss => loss.Sum) })));

    /// <summary>As the curriculum is told it.</summary>
    public LessonResult ToResult() =>
        new(Lesson.Ordinal, Lesson.Collection, Lesson.Task, Lesson.Difficulty, Lesson.IsRepeated, Sum, Tokens);
}
