using System.Collections.Immutable;
using System.Text.Json;
using Orca.Evaluation.Runs;
using Orca.Evaluation.Suites;

namespace Orca.Evaluation.Recordings;

/// <summary>Answers that a run's are compared with: another run's, or those of a file.</summary>
public sealed class ReferenceAnswers
{
    private readonly Func<ItemRecord, string?> find;

    private ReferenceAnswers(string name, Func<ItemRecord, string?> find) => (Name, this.find) = (name, find);

    /// <summary>Whose they are.</summary>
    public string Name { get; }

    /// <summary>Reads the folder of a run over the same suite, FastChat's answers, or a file of a known form.</summary>
    /// <exception cref="EvaluationException">It cannot be read, or its form is not known.</exception>
    public static ReferenceAnswers Read(string path) =>
        Directory.Exists(path) ? OfRun(path) : TryFastChat(path) ?? OfFile(path);

    /// <summary>The answer to the question of a record; null where there is none.</summary>
    public string? Find(ItemRecord record) => find(record);

    private static ReferenceAnswers OfRun(string folder)
    {
        var answers = EvaluationFolder.Read(folder).DistinctBy(record => (record.Item, record.Repeat))
            .ToDictionary(record => (record.Item, record.Repeat), record => record.Response);
        return new ReferenceAnswers(
            EvaluationFolder.PlanOf(folder).Subject, record => answers.GetValueOrDefault((record.Item, record.Repeat)));
    }

    private static ReferenceAnswers OfFile(string path) => ByQuestion(
        path, RecordedFiles.Read(path).Answers.Select(answer => (answer.Expected.Prompt, answer.Response)));

    /// <summary>
    /// <c>{"question_id", "text"}</c> or <c>{"question_id", "choices": [{"turns": […]}]}</c>, whose questions are in a
    /// <c>question.jsonl</c> beside the file or one folder up, where FastChat has it.
    /// </summary>
    private static ReferenceAnswers? TryFastChat(string path)
    {
        var answers = Path.GetExtension(path) == ".jsonl" ? PublishedFile.Lines(path).ToList() : [];
        if (answers.Count == 0 || IdOf(answers[0].Object) is null || TextOf(answers[0].Object) is null)
        {
            return null;
        }

        var questions = QuestionsFor(path);
        return ByQuestion(path, answers.Select(line =>
            IdOf(line.Object) is { } id && TextOf(line.Object) is { } text && questions.TryGetValue(id, out var question)
                ? (question, text)
                : throw new EvaluationException(
                    $"Line {line.Line} of '{path}' is no answer to a question of question.jsonl; give the two as they are published.")));
    }

    private static Dictionary<string, string> QuestionsFor(string answers)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(answers))!;
        var file = ((string[])[folder, Path.GetDirectoryName(folder) ?? folder]).Select(place => Path.Combine(place, "question.jsonl"))
            .FirstOrDefault(File.Exists)
            ?? throw new EvaluationException(
                $"'{answers}' names its questions by number alone; put their question.jsonl beside it or one folder up.");
        var questions = new Dictionary<string, string>();
        foreach (var (line, question) in PublishedFile.Lines(file))
        {
            questions[IdOf(question) ?? throw new EvaluationException($"Line {line} of '{file}' has no 'question_id'.")] =
                TextOf(question) ?? throw new EvaluationException($"Line {line} of '{file}' has no 'text' and no 'turns'.");
        }

        return questions;
    }

    private static ReferenceAnswers ByQuestion(string path, IEnumerable<(string Question, string Answer)> answers)
    {
        var byQuestion = answers.DistinctBy(answer => Plain(answer.Question))
            .ToImmutableDictionary(answer => Plain(answer.Question), answer => answer.Answer);
        return new ReferenceAnswers(
            Path.GetFileNameWithoutExtension(path), record => byQuestion.GetValueOrDefault(Plain(record.Question)));
    }

    private static string? IdOf(JsonElement record) => record.TryGetProperty("question_id", out var id) ? id.ToString() : null;

    // Of an answer, or of a question: of several turns the first.
    private static string? TextOf(JsonElement record) =>
        record.TryGetProperty("choices", out var choices) && choices.ValueKind == JsonValueKind.Array && choices.GetArrayLength() > 0
            ? TextOf(choices[0])
            : record.TryGetProperty("turns", out var turns) && turns.ValueKind == JsonValueKind.Array && turns.GetArrayLength() > 0
                ? turns[0].GetString()
                : PublishedFile.TextOrNull(record, "text");

    // Files differ in their ends of lines and in blanks around a text.
    private static string Plain(string question) => question.ReplaceLineEndings("\n").Trim();
}
