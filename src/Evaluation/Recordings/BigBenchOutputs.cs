using System.Text.Json;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Suites;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Recordings;

/// <summary>Outputs as BIG-Bench Hard's authors publish them: <c>{"canary", "outputs": [{"input", "prediction", "target"}]}</c>.</summary>
internal static class BigBenchOutputs
{
    private const string Thinking = "Let's think step by step.";
    private const string Statement = "the answer is";

    /// <summary>The outputs; null where a text is of another form.</summary>
    /// <exception cref="EvaluationException">An output lacks a text.</exception>
    public static RecordedFile? TryRead(string path, string text)
    {
        if (Outputs(text) is not { } outputs)
        {
            return null;
        }

        var rows = outputs.Select((output, row) => (
            Input: PublishedFile.TextOf(output, "input", $"Output {row} of '{path}'"),
            Prediction: PublishedFile.TextOf(output, "prediction", $"Output {row} of '{path}'"),
            Target: PublishedFile.TextOf(output, "target", $"Output {row} of '{path}'"))).ToList();
        var isThinking = rows.Exists(row => row.Input.TrimEnd().EndsWith(Thinking, StringComparison.Ordinal))
            || rows.Count(row => row.Prediction.Contains(Statement, StringComparison.OrdinalIgnoreCase)) * 2 > rows.Count;
        return new RecordedFile(path, [.. rows.Select((row, place) => Answer(place, row.Input, row.Prediction, row.Target))])
        {
            RecordedAccuracy = RecordedAccuracy.Beside(path),
            AuthorsRule = new AuthorsRule(isThinking),
        };
    }

    private static List<JsonElement>? Outputs(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("outputs", out var outputs) && outputs.ValueKind == JsonValueKind.Array
                    ? [.. outputs.EnumerateArray().Select(output => output.Clone())]
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static RecordedAnswer Answer(int row, string input, string prediction, string target) =>
        new($"{row}", prediction, new ExpectedAnswer(KindOf(input, target), [target], input));

    private static AnswerKind KindOf(string input, string target) =>
        target.Length == 3 && target[0] == '(' && target[2] == ')' && char.IsAsciiLetterUpper(target[1])
            ? AnswerKind.MultipleChoice
            : AnswerForm.KindOf(input, [target]);
}
