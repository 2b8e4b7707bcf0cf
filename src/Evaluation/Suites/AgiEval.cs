using System.Collections.Immutable;
using System.Text.Json;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Suites;

/// <summary>
/// AGIEval (Zhong et al., arXiv 2304.06364): a file of JSON Lines a task, <c>{"passage", "question", "options", "label", "answer"}</c>; the
/// cloze tasks have no options and no label but an answer.
/// </summary>
public static class AgiEval
{
    /// <summary>The eight English tasks of the Orca paper.</summary>
    public static readonly ImmutableArray<string> PaperTasks =
        ["aqua-rat", "logiqa-en", "lsat-ar", "lsat-lr", "lsat-rc", "sat-en", "sat-en-without-passage", "sat-math"];

    /// <summary>Reads the folder of the tasks, or one that has it as <c>v1</c> or <c>data/v1</c>.</summary>
    /// <param name="name">Name of the suite.</param>
    /// <param name="path">The folder, or one task's file.</param>
    /// <param name="isPaper">Only the eight tasks of the Orca paper.</param>
    /// <exception cref="EvaluationException">It holds none, or a file is damaged.</exception>
    public static EvaluationSuite Read(string name, string path, bool isPaper)
    {
        var folder = PublishedFile.Within(path, "v1", "data/v1");
        var examples = AgiEvalExamples.Beside(Directory.Exists(folder) ? folder : Path.GetDirectoryName(Path.GetFullPath(folder))!);
        return new EvaluationSuite(
            name,
            [
                .. PublishedFile.Find(name, folder, ".jsonl")
                    .Where(file => !isPaper || PaperTasks.Contains(Path.GetFileNameWithoutExtension(file)))
                    .Select(file => Defects.Mark(ReadTask(name, Path.GetFileNameWithoutExtension(file), file, examples))),
            ]);
    }

    private static EvaluationTask ReadTask(string suite, string task, string file, AgiEvalExamples examples) =>
        new(
            task,
            [.. PublishedFile.Lines(file).Select((line, row) => Item(suite, task, row, line.Object, $"Line {line.Line} of '{file}'"))])
        {
            Examples = examples.Of(task, record => Item(suite, task, -1, record, $"an example of '{task}'")),
        };

    private static EvaluationItem Item(string suite, string task, int row, JsonElement record, string where)
    {
        var choices = record.TryGetProperty("options", out var options) && options.ValueKind == JsonValueKind.Array
            ? options.EnumerateArray().Select(option => option.GetString() ?? "").ToImmutableArray()
            : [];
        var question = PublishedFile.TextOf(record, "question", where);
        var gold = choices.IsEmpty
            ? PublishedFile.TextOrNull(record, "answer") ?? PublishedFile.TextOf(record, "label", where)
            : PublishedFile.TextOf(record, "label", where);
        return new EvaluationItem
        {
            Suite = suite,
            Task = task,
            Row = row,
            Passage = PublishedFile.TextOrNull(record, "passage") is { Length: > 0 } passage ? passage : null,
            Question = question,
            Choices = choices,
            Gold = [gold],
            Kind = choices.IsEmpty ? AnswerForm.KindOf(question, [gold]) : AnswerKind.MultipleChoice,
            Chance = choices.IsEmpty ? 0 : 1.0 / choices.Length,
        };
    }
}
