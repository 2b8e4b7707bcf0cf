using System.Collections.Immutable;
using Orca.Streams.Curricula.Lessons;

namespace Orca.Training.Packing;

/// <summary>How much was learned from.</summary>
/// <param name="Lessons">Lessons.</param>
/// <param name="Tokens">Their tokens, prompts included.</param>
/// <param name="TeacherTokens">Their answers' tokens.</param>
public readonly record struct LessonCount(int Lessons, int Tokens, int TeacherTokens)
{
    /// <summary>Counts lessons by their collection.</summary>
    public static ImmutableSortedDictionary<string, LessonCount> ByCollection(IEnumerable<Lesson> lessons) => lessons
        .GroupBy(lesson => lesson.Collection)
        .ToImmutableSortedDictionary(
            group => group.Key,
            group => new LessonCount(group.Count(), group.Sum(lesson => lesson.Length), group.Sum(lesson => lesson.AnswerTokens.Length)),
            StringComparer.Ordinal);

    /// <summary>Adds up the counts of several batches.</summary>
    public static ImmutableSortedDictionary<string, LessonCount> Sum(IEnumerable<ImmutableSortedDictionary<string, LessonCount>> batches) =>
        batches
        .SelectMany(batch => batch)
        .GroupBy(pair => pair.Key)
        .ToImmutableSortedDictionary(
            group => group.Key,
            group => group.Aggregate(default(LessonCount), (sum, pair) => sum + pair.Value),
            StringComparer.Ordinal);

    /// <summary>Adds two counts.</summary>
    public static LessonCount operator +(LessonCount left, LessonCount right) =>
        new(left.Lessons + right.Lessons, left.Tokens + right.Tokens, left.TeacherTokens + right.TeacherTokens);
}
