using System.Text.Json;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Suites;

/// <summary>Questions without a gold answer, which a judge marks: Vicuna's 80 and MT-bench's, and ToxiGen's neutral prompts.</summary>
public static class JudgedQuestions
{
    /// <summary>
    /// FastChat's <c>question.jsonl</c>, <c>{"question_id", "category", "text"}</c> or with <c>"turns"</c>, of which the first is asked.
    /// Tasks are the categories.
    /// </summary>
    /// <exception cref="EvaluationException">It is not there, or damaged.</exception>
    public static EvaluationSuite Vicuna(string name, string path)
    {
        var file = PublishedFile.Find(name, Directory.Exists(path) ? Path.Combine(path, "question.jsonl") : path)[0];
        var items = PublishedFile.Lines(file).Select((line, row) => Open(
            name, PublishedFile.TextOrNull(line.Object, "category") ?? "generic", row,
            TextOf(line.Object, $"Line {line.Line} of '{file}'")));
        return ByTask(name, items);
    }

    /// <summary>
    /// ToxiGen's files of prompts (Hartvigsen et al., arXiv 2203.09509): a line a prompt, line ends within it as two characters.
    /// </summary>
    /// <exception cref="EvaluationException">There are none.</exception>
    public static EvaluationSuite ToxiGen(string name, string path) => ByTask(
        name,
        PublishedFile.Find(name, PublishedFile.Within(path, "prompts"), ".txt").SelectMany(file =>
            PublishedFile.Text(file).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select((line, row) =>
                Open(name, Path.GetFileNameWithoutExtension(file), row, line.Replace("\\n", "\n", StringComparison.Ordinal)))));

    private static EvaluationSuite ByTask(string name, IEnumerable<EvaluationItem> items) => new(
        name,
        [
            .. items.GroupBy(item => item.Task).OrderBy(task => task.Key, StringComparer.Ordinal)
                .Select(task => new EvaluationTask(task.Key, [.. task])),
        ]);

    private static string TextOf(JsonElement record, string where) =>
        record.TryGetProperty("turns", out var turns) && turns.ValueKind == JsonValueKind.Array && turns.GetArrayLength() > 0
            ? turns[0].GetString() ?? ""
            : PublishedFile.TextOf(record, "text", where);

    private static EvaluationItem Open(string suite, string task, int row, string question) => new()
    {
        Suite = suite,
        Task = task,
        Row = row,
        Question = question,
        Gold = [],
        Kind = AnswerKind.FreeText,
    };
}
