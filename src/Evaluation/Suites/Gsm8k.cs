using Orca.Streams.Answers;

namespace Orca.Evaluation.Suites;

/// <summary>
/// GSM8K (Cobbe et al., arXiv 2110.14168): JSON Lines, <c>{"question", "answer"}</c>, the answer ending in <c>#### 18</c>.
/// </summary>
public static class Gsm8k
{
    private const string Mark = "####";

    /// <summary>Reads <c>test.jsonl</c>, or a folder that holds it.</summary>
    /// <exception cref="EvaluationException">It is not there, or damaged.</exception>
    public static EvaluationSuite Read(string name, string path)
    {
        var file = Directory.Exists(path) ? Path.Combine(path, "test.jsonl") : path;
        return new EvaluationSuite(
            name,
            [
                Defects.Mark(new EvaluationTask("gsm8k", [.. PublishedFile.Lines(PublishedFile.Find(name, file)[0]).Select((line, row) =>
                    new EvaluationItem
                    {
                        Suite = name,
                        Task = "gsm8k",
                        Row = row,
                        Question = PublishedFile.TextOf(line.Object, "question", $"Line {line.Line} of '{file}'"),
                        Gold = [GoldOf(PublishedFile.TextOf(line.Object, "answer", $"Line {line.Line} of '{file}'"))],
                        Kind = AnswerKind.Number,
                    })])),
            ]);
    }

    /// <summary>The number behind the last mark; the text itself where there is none.</summary>
    public static string GoldOf(string answer) =>
        (answer.LastIndexOf(Mark, StringComparison.Ordinal) is >= 0 and var at ? answer[(at + Mark.Length)..] : answer).Trim();
}
