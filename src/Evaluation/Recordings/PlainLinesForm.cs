using System.Text.Json;
using Orca.Evaluation.Suites;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Recordings;

/// <summary>Lines with a question, a response and the right answer, under the names that such files usually have.</summary>
internal sealed class PlainLinesForm : IRecordedForm
{
    private static readonly string[] Questions = ["input", "prompt", "question"];
    private static readonly string[] Responses = ["prediction", "response", "output", "generated_text"];
    private static readonly string[] Targets = ["target", "gold", "answer", "label"];

    public bool Is(JsonElement first) => Text(first, Responses) is not null && Text(first, Targets) is not null;

    public RecordedFile Read(string path, IReadOnlyList<(int Line, JsonElement Object)> lines) => new(
        path,
        [
            .. lines.Select((line, row) =>
            {
                var response = Text(line.Object, Responses) ?? throw new FormatException($"line {line.Line} has no response.");
                var target = Text(line.Object, Targets) ?? throw new FormatException($"line {line.Line} has no right answer.");
                var question = Text(line.Object, Questions) ?? "";
                return new RecordedAnswer(
                    $"{row}", response, new ExpectedAnswer(AnswerForm.KindOf(question, [target]), [target], question), Mark(line.Object));
            }),
        ]);

    private static string? Text(JsonElement line, string[] names) =>
        names.Select(name => PublishedFile.TextOrNull(line, name)).FirstOrDefault(text => text is not null);

    private static bool? Mark(JsonElement line) =>
        line.TryGetProperty("is_correct", out var mark) && mark.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? mark.GetBoolean()
            : null;
}
