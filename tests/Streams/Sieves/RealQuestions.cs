using System.Text.Json;
using System.Text.RegularExpressions;
using Orca.Tests.Shared;

namespace Orca.Streams.Tests.Sieves;

/// <summary>A question of the shared data.</summary>
internal sealed record RealQuestion(string File, int Row, string Text);

/// <summary>The questions of the shared data, each with its file, below the data's folder, and its row; tests that ask for them skip
/// where it is absent.</summary>
internal static partial class RealQuestions
{
    /// <summary>BIG-Bench Hard, AGIEval and GSM8K's test: what a student is examined on.</summary>
    public static List<RealQuestion> OfExams() =>
    [
        .. Files("bbh/tasks", "*.json").SelectMany(file => Rows(file, Json(file).RootElement.GetProperty("examples"), Text("input"))),
        .. Files("agieval/v1", "*.jsonl").SelectMany(file => Lines(file, Choice)),
        .. Lines("gsm8k/test.jsonl", Text("question")),
    ];

    public static List<RealQuestion> Flan() => [.. Files("flan_v2/cot_data", "*.tsv").SelectMany(file => Cells(file, 0))];

    public static List<RealQuestion> NaturalInstructions(string folder = "natural_instructions/tasks") =>
        [.. Files(folder, "*.json").Where(file => !file.EndsWith("labels.json", StringComparison.Ordinal)).SelectMany(Instances)];

    public static List<RealQuestion> Traces() =>
        [.. Files("traces", "*.json").SelectMany(file => Rows(file, Json(file).RootElement, Instruction))];

    /// <summary>All that is no exam.</summary>
    public static List<RealQuestion> OfOthers() =>
    [
        .. Flan(), .. NaturalInstructions(), .. NaturalInstructions("cl_benchmark"), .. Traces(),
        .. Files("open_ended_eval", "*.jsonl").SelectMany(file => Lines(file, All)),
        .. Files("toxigen/prompts", "*.txt").SelectMany(file => Cells(file, 0)),
        .. Cells("truthfulqa/TruthfulQA.csv", 0),
    ];

    /// <summary>Answers and explanations of models and people.</summary>
    public static List<RealQuestion> Answers() =>
    [
        .. Files("traces", "*.json").SelectMany(file => Rows(file, Json(file).RootElement, Output)),
        .. Files("open_ended_eval", "*.jsonl").Where(file => file.Contains("answer", StringComparison.Ordinal))
            .SelectMany(file => Lines(file, All)),
        .. Files("flan_v2/cot_data", "*.tsv").SelectMany(file => Cells(file, 2)),
        .. Lines("gsm8k/test.jsonl", Text("answer")), .. Lines("gsm8k/train_first3000.jsonl", Text("answer")),
        .. Lines("gsm8k/example_model_solutions.jsonl", Solution),
    ];

    public static string Root => SharedData.Require("");

    private static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(SharedData.Require(folder), pattern, SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file)).Order(StringComparer.Ordinal);

    // Python's NaN is no JSON.
    private static JsonDocument Json(string file) =>
        JsonDocument.Parse(NotANumber().Replace(File.ReadAllText(SharedData.Require(file)), "0"));

    private static IEnumerable<RealQuestion> Rows(string file, JsonElement list, Func<JsonElement, string> text) =>
        list.EnumerateArray().Select((item, index) => new RealQuestion(file, index + 1, text(item)));

    private static IEnumerable<RealQuestion> Lines(string file, Func<JsonElement, string> text) => File.ReadLines(SharedData.Require(file))
        .Select((line, index) => new RealQuestion(file, index + 1, text(JsonDocument.Parse(line).RootElement)));

    private static IEnumerable<RealQuestion> Cells(string file, int column) => File.ReadLines(SharedData.Require(file)).Select(
        (line, index) => new RealQuestion(file, index + 1, line.Split('\t')[column].Replace("\\n", "\n", StringComparison.Ordinal)));

    private static IEnumerable<RealQuestion> Instances(string file)
    {
        var task = Json(file).RootElement;
        var definition = task.GetProperty("Definition");
        var words = definition.ValueKind == JsonValueKind.String ? definition.GetString()! : All(definition);
        return Rows(
            file, task.GetProperty("Instances"), item => $"{words.Trim()}\n\n{item.GetProperty("input").GetString()!.Trim()}".Trim());
    }

    private static Func<JsonElement, string> Text(string name) => item => item.GetProperty(name).GetString()!;

    private static string Choice(JsonElement item) => string.Join(
        '\n',
        new[] { "passage", "question", "options" }.Where(name => item.TryGetProperty(name, out _))
            .Select(name => All(item.GetProperty(name))).Where(text => text.Length > 0));

    private static string Instruction(JsonElement item) => item.TryGetProperty("instruction", out var instruction)
        ? $"{instruction.GetString()}\n{All(item.GetProperty("input"))}".Trim()
        : item.GetProperty("messages")[0].GetProperty("content").GetString()!;

    private static string Output(JsonElement item) => item.TryGetProperty("output", out var text)
        || item.TryGetProperty("response", out text)
        ? text.GetString()!
        : item.GetProperty("messages")[1].GetProperty("content").GetString()!;

    private static string Solution(JsonElement item) => string.Join(
        '\n',
        item.EnumerateObject().Where(model => model.Value.ValueKind == JsonValueKind.Object).Take(1)
            .Select(model => All(model.Value.GetProperty("solution"))));

    private static string All(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString()!,
        JsonValueKind.Array => string.Join('\n', element.EnumerateArray().Select(All).Where(text => text.Length > 0)),
        JsonValueKind.Object => string.Join('\n', element.EnumerateObject().Select(field => All(field.Value)).Where(text => text != "")),
        _ => "",
    };

    [GeneratedRegex(@"\bNaN\b")]
    private static partial Regex NotANumber();
}
