using System.Text.Json;
using nietras.SeparatedValues;

namespace Orca.Evaluation.Suites;

/// <summary>
/// AGIEval's explained examples, <c>few_shot_prompts.csv</c>: a column a task, rows <c>sample N</c> with a question as Python writes it and
/// <c>explanation N</c>.
/// </summary>
internal sealed class AgiEvalExamples
{
    private const string Name = "few_shot_prompts.csv";
    private const string WithoutPassage = "-without-passage";

    private readonly string? file;
    private readonly Dictionary<string, List<(string Sample, string Explanation)>> byTask = [];

    private AgiEvalExamples(string? file) => this.file = file;

    /// <summary>Those of the file in a folder or one of the two above it, where the authors' repository has it; none without it.</summary>
    /// <exception cref="EvaluationException">The file is damaged.</exception>
    public static AgiEvalExamples Beside(string folder)
    {
        string[] places = [folder, Path.Combine(folder, ".."), Path.Combine(folder, "..", "..")];
        var examples = new AgiEvalExamples(places.Select(place => Path.Combine(place, Name)).FirstOrDefault(File.Exists));
        if (examples.file is { } file)
        {
            examples.Read(file);
        }

        return examples;
    }

    /// <summary>A task's examples, each a question, its explanation and the answer, ready to stand in a prompt; null for none.</summary>
    /// <param name="task">The task.</param>
    /// <param name="item">Makes a question of a record.</param>
    /// <exception cref="EvaluationException">A question of them is damaged.</exception>
    public string? Of(string task, Func<JsonElement, EvaluationItem> item)
    {
        var isWithoutPassage = task.EndsWith(WithoutPassage, StringComparison.Ordinal);
        return byTask.TryGetValue(isWithoutPassage ? task[..^WithoutPassage.Length] : task, out var samples) && samples.Count > 0
            ? string.Join("\n\n", samples.Select(sample => Text(sample, item, isWithoutPassage)))
            : null;
    }

    private string Text((string Sample, string Explanation) sample, Func<JsonElement, EvaluationItem> itemOf, bool isWithoutPassage)
    {
        try
        {
            var item = itemOf(PythonLiteral.Parse(sample.Sample));
            item = isWithoutPassage ? item with { Passage = null } : item;
            return $"{item.Text}\n{sample.Explanation}\nThe answer is therefore {item.Gold[0]}";
        }
        catch (FormatException failure)
        {
            throw new EvaluationException($"An example of '{file}' is damaged: {failure.Message}.", failure);
        }
    }

    private void Read(string path)
    {
        try
        {
            using var reader = new Sep(',').Reader(options => options with { Unescape = true }).FromText(PublishedFile.Text(path));
            var tasks = reader.Header.ColNames.Skip(1).ToList();
            var samples = new List<string>();
            foreach (var row in reader)
            {
                List<string> cells = [.. row[1..].ToStringsArray()];
                if (row[0].ToString().StartsWith("sample", StringComparison.Ordinal))
                {
                    samples = cells;
                    continue;
                }

                foreach (var (task, place) in tasks.Select((task, place) => (task, place)).Where(one => samples[one.place].Length > 0))
                {
                    byTask.TryAdd(task, []);
                    // Line ends in explanations are a backslash and an n.
                    byTask[task].Add((samples[place], cells[place].Replace("\\n", "\n", StringComparison.Ordinal).Trim()));
                }
            }
        }
        catch (Exception failure) when (failure is KeyNotFoundException or InvalidDataException or ArgumentException)
        {
            throw new EvaluationException($"'{path}' is damaged: {failure.Message}; give it as its authors publish it.", failure);
        }
    }
}
