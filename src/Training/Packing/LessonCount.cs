using System.Collections.Immutable;
using Orca.Streams.Curricula.Lessons;

namespace Orca.Training.Packing;

/// <summary>How much was learned from.</summary>
/// <param name="Lessons">Lessons.</param>
/// <param name="Tokens">Their tokens, prompts included.</param>
/// <param name="TeacherTokens">Their answers' tokens, those of lessons of practice left out.</param>
public readonly record struct LessonCount(int Lessons, int Tokens, int TeacherTokens)
{
    /// <summary>How many of the lessons had been taught before; the others are fresh.</summary>
    public int Repeated { get; init; }

    /// <summary>Sum of the cross-entropies of the tokens that bear loss, in nats; 0 before a step was made of them.</summary>
    public double Loss { get; init; }

    /// <summary>Mean cross-entropy of a token that bears loss, in nats; null where there is none.</summary>
    public double? MeanLoss => TeacherTokens > 0 ? Loss / TeacherTokens : null;

    /// <summary>Counts lessons by their collection.</summary>
    public static ImmutableSortedDictionary<string, LessonCount> ByCollection(IEnumerable<Lesson> lessons) => lessons
        .GroupBy(lesson => lesson.Collection)
        .ToImmutableSortedDictionary(
            group => group.Key,
            group => new LessonCount(
                group.Count(), group.Sum(lesson => lesson.Length),
                group.Where(lesson => !lesson.IsPractice).Sum(lesson => lesson.AnswerTokens.Length))
            {
                Repeated = group.Count(lesson => lesson.IsRepeated),
            },
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
        new(left.Lessons + right.Lessons, left.Tokens + right.Tokens, left.TeacherTokens + right.TeacherTokens)
        {
            Repeated = left.Repeated + right.Repeated,
            Loss = left.Loss + right.Loss,
        };
}
