using System.Collections.Immutable;
using System.Text.Json;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Suites;

/// <summary>
/// BIG-Bench Hard (Suzgun et al., arXiv 2210.09261): a file of JSON a task, <c>{"canary", "examples": [{"input", "target"}]}</c>, and
/// beside them <c>cot-prompts/TASK.txt</c> with the task's description and three explained examples.
/// </summary>
public static class BigBenchHard
{
    /// <summary>The tasks that the Orca paper leaves out, since their answers are no choice among options.</summary>
    public static readonly ImmutableArray<string> OpenTasks =
        ["dyck_languages", "multistep_arithmetic_two", "object_counting", "word_sorting"];

    private const string Separator = "-----\n";

    /// <summary>Reads the folder of the tasks, or one that has it as <c>tasks</c> or <c>bbh</c>.</summary>
    /// <param name="name">Name of the suite.</param>
    /// <param name="path">The folder, or one task's file.</param>
    /// <param name="isPaper">Only the 23 tasks of the Orca paper.</param>
    /// <exception cref="EvaluationException">It holds none, or a file is damaged.</exception>
    public static EvaluationSuite Read(string name, string path, bool isPaper)
    {
        var folder = PublishedFile.Within(path, "tasks", "bbh");
        var canaries = new HashSet<string>();
        var tasks = ImmutableArray.CreateBuilder<EvaluationTask>();
        foreach (var file in PublishedFile.Find(name, folder, ".json"))
        {
            var task = Path.GetFileNameWithoutExtension(file);
            if (!isPaper || !OpenTasks.Contains(task))
            {
                tasks.Add(Defects.Mark(Explained(ReadTask(name, task, file, canaries), folder)));
            }
        }

        return new EvaluationSuite(name, tasks.ToImmutable()) { Canaries = [.. canaries] };
    }

    private static EvaluationTask ReadTask(string suite, string task, string file, HashSet<string> canaries)
    {
        var root = PublishedFile.Object(file);
        if (PublishedFile.TextOrNull(root, "canary") is { } canary)
        {
            canaries.Add(canary);
        }

        if (!root.TryGetProperty("examples", out var examples) || examples.ValueKind != JsonValueKind.Array)
        {
            throw new EvaluationException(
                $"'{file}' has no list 'examples'; give the files of BIG-Bench Hard as its authors publish them.");
        }

        var rows = examples.EnumerateArray().Select((example, row) =>
            (Input: PublishedFile.TextOf(example, "input", $"Example {row} of '{file}'"),
                Target: PublishedFile.TextOf(example, "target", $"Example {row} of '{file}'"))).ToImmutableArray();
        var labels = rows.Select(row => row.Target).Distinct().Count();
        return new EvaluationTask(task, [.. rows.Select((row, index) => Item(suite, task, index, row.Input, row.Target, labels))]);
    }

    private static EvaluationItem Item(string suite, string task, int row, string input, string target, int labels)
    {
        var options = OptionList.Of(input);
        var isLettered = options.Length > 1 && input.Contains($"({options[0].Letter})", StringComparison.Ordinal);
        var kind = isLettered ? AnswerKind.MultipleChoice : AnswerForm.KindOf(input, [target]);
        return new EvaluationItem
        {
            Suite = suite,
            Task = task,
            Row = row,
            Question = input,
            Gold = [target],
            Kind = kind,
            Chance = options.Length > 1 ? 1.0 / options.Length : kind == AnswerKind.YesNo ? 1.0 / Math.Max(2, labels) : 0,
        };
    }

    // "canary\n-----\ndescription\n\nQ: …\nA: …\n\nQ: …"
    private static EvaluationTask Explained(EvaluationTask task, string folder)
    {
        var prompts = new[] { Path.Combine(folder, "cot-prompts"), Path.Combine(folder, "..", "cot-prompts") };
        var file = prompts.Select(prompt => Path.Combine(prompt, $"{task.Name}.txt")).FirstOrDefault(File.Exists);
        if (file is null)
        {
            return task;
        }

        var text = PublishedFile.Text(file).ReplaceLineEndings("\n");
        text = text[(text.IndexOf(Separator, StringComparison.Ordinal) is >= 0 and var at ? at + Separator.Length : 0)..];
        var split = text.IndexOf("\n\n", StringComparison.Ordinal);
        return split < 0
            ? task
            : task with { Description = text[..split].Trim(), Examples = text[(split + 2)..].Trim() };
    }
}
