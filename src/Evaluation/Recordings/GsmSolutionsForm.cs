using System.Text.Json;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Recordings;

/// <summary>
/// GSM8K's solutions of several models, each marked: <c>{"question", "ground_truth", "MODEL": {"solution", "is_correct"}, …}</c>.
/// </summary>
internal sealed class GsmSolutionsForm : IRecordedForm
{
    public bool Is(JsonElement first) => first.TryGetProperty("ground_truth", out _) && Solutions(first).Any();

    public RecordedFile Read(string path, IReadOnlyList<(int Line, JsonElement Object)> lines)
    {
        var answers = lines.SelectMany((line, row) => Solutions(line.Object).Select(solution => new RecordedAnswer(
            $"{row} {solution.Name}",
            solution.Value.GetProperty("solution").GetString()!,
            new ExpectedAnswer(AnswerKind.Number, [Gold(line.Object)], line.Object.GetProperty("question").GetString()!),
            solution.Value.GetProperty("is_correct").GetBoolean()))).ToList();
        return new RecordedFile(path, [.. answers])
        {
            RecordedAccuracy = (double)answers.Count(answer => answer.Mark == true) / answers.Count * 100,
        };
    }

    private static IEnumerable<JsonProperty> Solutions(JsonElement line) => line.EnumerateObject().Where(property =>
        property.Value.ValueKind == JsonValueKind.Object && property.Value.TryGetProperty("is_correct", out _)
        && property.Value.TryGetProperty("solution", out _));

    // The last line of the worked solution, behind "A:" or "####".
    private static string Gold(JsonElement line)
    {
        var last = line.GetProperty("ground_truth").GetString()!.TrimEnd().Split('\n')[^1];
        return last.TrimStart('A', ':', '#', ' ').Trim();
    }
}
