using System.Collections.Immutable;
using Orca.Streams.Tasks;

namespace Orca.Evaluation.Suites;

/// <summary>Questions of the task collections as a benchmark.</summary>
public static class QuestionSuite
{
    /// <summary>Questions as a benchmark, each task's in their order.</summary>
    /// <param name="name">Name of the suite.</param>
    /// <param name="questions">The questions; those with a system message of their own are asked with it.</param>
    public static EvaluationSuite Of(string name, IEnumerable<TaskQuery> questions) => new(
        name,
        [
            .. questions.GroupBy(query => query.Task).OrderBy(task => task.Key, StringComparer.Ordinal).Select(task =>
                Defects.Mark(new EvaluationTask(task.Key, [.. task.Select((query, row) => Item(name, query, row))]))),
        ]);

    /// <summary>All questions of a source of files that have a gold answer, in their order.</summary>
    /// <param name="name">Name of the suite.</param>
    /// <param name="spec">The source, such as <c>jsonl:questions.jsonl?question=q&amp;answer=a</c>.</param>
    /// <param name="faults">Hears of rows that are no question.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="TaskFormatException">It cannot be read.</exception>
    /// <exception cref="EvaluationException">No row has a gold answer.</exception>
    public static async Task<EvaluationSuite> ReadAsync(
        string name, TaskSpec spec, IProgress<SourceFault> faults, CancellationToken cancellationToken)
    {
        var questions = new List<TaskQuery>();
        foreach (var source in spec.Open(new SourceOptions(), faults, null, cancellationToken))
        {
            await foreach (var query in source.ReadAsync(0, faults, cancellationToken))
            {
                if (query is { GoldAnswers.IsEmpty: false })
                {
                    questions.Add(query);
                }
            }
        }

        return questions.Count > 0
            ? Of(name, questions)
            : throw new EvaluationException($"'{spec.Text}' has no question with an answer; name the field that holds it: ?answer=FIELD.");
    }

    private static EvaluationItem Item(string suite, TaskQuery query, int row) => new()
    {
        Suite = suite,
        Task = query.Task,
        Row = row,
        Question = query.Prompt,
        SystemMessage = query.SystemMessage,
        Gold = query.GoldAnswers,
        Kind = query.AnswerKind,
        Chance = query.Chance ?? 0,
    };
}
