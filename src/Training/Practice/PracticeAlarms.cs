using System.Collections.Immutable;
using Orca.Streams.Curricula.Lessons;

namespace Orca.Training.Practice;

/// <summary>
/// What tells that a student which learns from its own answers is going astray: they grow longer, they repeat themselves, they do not end.
/// </summary>
/// <param name="Answers">The student's own answers of a step, 1 or more.</param>
/// <param name="MeanTokens">Their mean length.</param>
/// <param name="RepeatingShare">Share of them, 0 to 1, that repeat themselves: half of their runs of four tokens had come before.</param>
/// <param name="EndlessShare">Share of them, 0 to 1, that do not end in a token that ends an answer.</param>
public sealed record PracticeAlarms(int Answers, double MeanTokens, double RepeatingShare, double EndlessShare)
{
    private const int RunTokens = 4;

    /// <summary>Those of a step's lessons; null where none is of practice.</summary>
    /// <param name="lessons">All lessons of the step.</param>
    /// <param name="endTokens">The tokens that end an answer.</param>
    public static PracticeAlarms? Of(IEnumerable<Lesson> lessons, IReadOnlyCollection<int> endTokens)
    {
        var answers = lessons.Where(lesson => lesson.IsPractice).Select(lesson => lesson.AnswerTokens).ToList();
        return answers.Count == 0 ? null : new PracticeAlarms(
            answers.Count,
            answers.Average(answer => answer.Length),
            answers.Average(answer => Repeats(answer) ? 1.0 : 0),
            answers.Average(answer => endTokens.Contains(answer[^1]) ? 0.0 : 1));
    }

    private static bool Repeats(ImmutableArray<int> answer)
    {
        var runs = answer.Length - RunTokens + 1;
        var seen = new HashSet<(int, int, int, int)>();
        for (var at = 0; at < runs; at++)
        {
            seen.Add((answer[at], answer[at + 1], answer[at + 2], answer[at + 3]));
        }

        return runs > 0 && 2 * seen.Count <= runs;
    }
}
