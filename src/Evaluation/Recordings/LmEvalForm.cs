using System.Globalization;
using System.Text.Json;
using Orca.Evaluation.Suites;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Recordings;

/// <summary>
/// Samples of lm-evaluation-harness, <c>samples_TASK_TIME.jsonl</c>: <c>{"doc_id", "doc", "target", "arguments", "resps", "filter",
/// "exact_match" or "acc"}</c>. Of several filters the first is read. Where choices were ranked, the answer is the likeliest one's number.
/// </summary>
internal sealed class LmEvalForm : IRecordedForm
{
    private static readonly string[] Metrics = ["exact_match", "acc", "acc_norm"];
    private static readonly string[] Questions = ["input", "question", "query", "problem", "text"];

    public bool Is(JsonElement first) =>
        first.TryGetProperty("doc", out _) && (first.TryGetProperty("resps", out _) || first.TryGetProperty("filtered_resps", out _));

    public RecordedFile Read(string path, IReadOnlyList<(int Line, JsonElement Object)> lines)
    {
        var filter = FilterOf(lines[0].Object);
        var answers = lines.Where(line => FilterOf(line.Object) == filter).Select((line, row) => Answer(row, line.Object)).ToList();
        return new RecordedFile(path, [.. answers])
        {
            RecordedAccuracy = answers.TrueForAll(answer => answer.Mark is not null)
                ? (double)answers.Count(answer => answer.Mark == true) / answers.Count * 100
                : null,
        };
    }

    private static string FilterOf(JsonElement line) => PublishedFile.TextOrNull(line, "filter") ?? "none";

    private static RecordedAnswer Answer(int row, JsonElement line)
    {
        var name = line.TryGetProperty("doc_id", out var id) ? id.ToString() : row.ToString(CultureInfo.InvariantCulture);
        var responses = line.TryGetProperty("resps", out var all) ? all : line.GetProperty("filtered_resps");
        var question = QuestionOf(line);
        var target = line.GetProperty("target").ToString();
        if (Ranked(responses) is { } chosen)
        {
            return new RecordedAnswer(name, $"{chosen}", new ExpectedAnswer(AnswerKind.Exact, [target], question), MarkOf(line));
        }

        var gold = target.Contains("####", StringComparison.Ordinal) ? Gsm8k.GoldOf(target) : target;
        var kind = AnswerForm.KindOf(question, [gold]);
        return new RecordedAnswer(name, FirstText(responses), new ExpectedAnswer(kind, [gold], question), MarkOf(line));
    }

    private static bool? MarkOf(JsonElement line)
    {
        foreach (var metric in Metrics)
        {
            if (line.TryGetProperty(metric, out var mark))
            {
                return mark.ValueKind == JsonValueKind.Number ? mark.GetDouble() >= 1 : mark.ValueKind == JsonValueKind.True;
            }
        }

        return null;
    }

    private static string QuestionOf(JsonElement line)
    {
        var document = line.GetProperty("doc");
        return document.ValueKind == JsonValueKind.Object
            ? Questions.Select(field => PublishedFile.TextOrNull(document, field)).FirstOrDefault(text => text is not null)
                ?? document.ToString()
            : document.ToString();
    }

    // A list of choices, each a pair of its logarithm and whether it is the greedy one.
    private static int? Ranked(JsonElement responses)
    {
        var logarithms = responses.EnumerateArray().Select(Logarithm).ToList();
        return logarithms.Count > 1 && logarithms.TrueForAll(value => value is not null)
            ? logarithms.IndexOf(logarithms.Max())
            : null;
    }

    private static double? Logarithm(JsonElement response)
    {
        while (response.ValueKind == JsonValueKind.Array && response.GetArrayLength() > 0)
        {
            response = response[0];
        }

        return response.ValueKind == JsonValueKind.Number ? response.GetDouble()
            : response.ValueKind == JsonValueKind.String
                && double.TryParse(response.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var written) ? written
            : null;
    }

    private static string FirstText(JsonElement responses)
    {
        while (responses.ValueKind == JsonValueKind.Array && responses.GetArrayLength() > 0)
        {
            responses = responses[0];
        }

        return responses.ToString();
    }
}
