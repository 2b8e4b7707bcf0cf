using System.Collections.Concurrent;
using System.Collections.Immutable;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Subjects;
using Orca.Streams.Answers;
using Orca.Streams.Tasks;

namespace Orca.Evaluation.Runs;

/// <summary>
/// Asks a student questions it was never trained on and counts the right answers. What is right is decided by the same
/// <see cref="AnswerMatch"/> that screens the teachers' answers.
/// </summary>
/// <param name="questions">The questions; each one's task names its family.</param>
/// <param name="options">How they are asked.</param>
/// <param name="clock">Times the examination.</param>
public sealed class HeldOutExam(IReadOnlyCollection<TaskQuery> questions, ExamOptions options, TimeProvider clock)
{
    /// <summary>Asks every question, <see cref="ExamOptions.Parallel"/> at once.</summary>
    /// <param name="title">What the report is called.</param>
    /// <param name="student">Who is asked. Its exceptions end the examination.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public async Task<ExamReport> RunAsync(string title, ITextGenerator student, CancellationToken cancellationToken)
    {
        var began = clock.GetUtcNow();
        var started = clock.GetTimestamp();
        var marks = new ConcurrentBag<Mark>();
        var paced = new ParallelOptions { MaxDegreeOfParallelism = options.Parallel, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(questions, paced, async (query, token) => marks.Add(await AskAsync(student, query, token)));
        return new ExamReport
        {
            Title = title,
            Generator = student.Name,
            Began = began,
            Elapsed = clock.GetElapsedTime(started),
            Families = [.. marks.GroupBy(mark => mark.Query.Task).OrderBy(family => family.Key, StringComparer.Ordinal).Select(Result)],
            AnswersByVersion = marks.GroupBy(mark => mark.Version).ToImmutableSortedDictionary(group => group.Key, group => group.Count()),
        };
    }

    private async Task<Mark> AskAsync(ITextGenerator student, TaskQuery query, CancellationToken cancellationToken)
    {
        var system = query.SystemMessage ?? options.SystemMessage;
        var answer = await student.GenerateAsync(
            new Prompt { Text = query.Prompt, SystemMessage = system, MaxTokens = options.MaxTokens }, cancellationToken);
        return new Mark(
            query,
            AnswerMatch.IsRight(answer.Text, query.Expected),
            AnswerExtractor.Extract(answer.Text, query.AnswerKind) is not null,
            answer.Version);
    }

    private static FamilyResult Result(IGrouping<string, Mark> family) => new(
        family.Key,
        family.Count(),
        family.Count(mark => mark.Right),
        family.Count(mark => !mark.Parsed),
        family.Average(mark => mark.Query.Chance ?? 0));

    private sealed record Mark(TaskQuery Query, bool Right, bool Parsed, string Version);
}
