using System.Globalization;
using System.Text;
using System.Text.Json;
using Orca.Evaluation.Recordings;

namespace Orca.Cli.Evaluating;

/// <summary>Writes what came of judging stored outputs again.</summary>
internal static class RescoreText
{
    private const int LongestShown = 60;

    private static readonly JsonSerializerOptions Form = new() { WriteIndented = true };

    /// <summary>A line a file.</summary>
    public static string Table(IReadOnlyCollection<RescoredFile> files)
    {
        var width = files.Max(file => file.Path.Length);
        var text = new StringBuilder();
        text.Append($"{"file".PadRight(width)}   items   right  accuracy  recorded  unparsed  rule         robust  unparsed\n");
        foreach (var file in files)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{file.Path.PadRight(width)}  {file.Answers.Length,6}  {file.Right,6}  {file.Accuracy,8:F2}  {Recorded(file),8}"
                    + $"  {file.Unparsed,8}  {file.Rule,-11}  {file.RobustAccuracy,6:F2}  {file.RobustUnparsed,8}\n");
        }

        return text.ToString();
    }

    /// <summary>What the files come to together, in a sentence or two.</summary>
    public static string Summary(IReadOnlyCollection<RescoredFile> files)
    {
        var recorded = files.Where(file => file.RecordedAccuracy is not null).ToList();
        var marked = files.SelectMany(file => file.Answers).Where(answer => answer.Recorded.Mark is not null).ToList();
        var same = marked.Count(answer => answer.Recorded.Mark == answer.Reading.IsRight);
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"{files.Sum(file => file.Answers.Length)} outputs in {files.Count} files, mean accuracy "
                + $"{files.Average(file => file.Accuracy):F2} (robust {files.Average(file => file.RobustAccuracy):F2}).");
        if (recorded.Count > 0)
        {
            var equal = recorded.Count(file => file.Accuracy.Equals(file.RecordedAccuracy));
            text.Append($" {equal} of {recorded.Count} recorded accuracies are the same.");
        }

        if (marked.Count > 0)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $" {same} of {marked.Count} recorded marks are the same ({100.0 * same / marked.Count:F2} %).");
        }

        var cut = files.Where(file => file.IsCut).Select(file => $"'{file.Path}'").ToList();
        if (cut.Count > 0)
        {
            text.Append($" The last line of {string.Join(", ", cut)} is cut, and left out.");
        }

        return text.Append('\n').ToString();
    }

    /// <summary>The verdicts that are others now: than recorded, or, where none were, than the robust rule's.</summary>
    public static string Changed(IEnumerable<RescoredFile> files, int most)
    {
        var changed = files
            .SelectMany(file => file.Answers.Where(answer => answer.IsChanged).Select(answer => (file.Path, answer))).ToList();
        var text = new StringBuilder();
        foreach (var (path, answer) in changed.Take(most))
        {
            var was = answer.Recorded.Mark is { } mark ? $"recorded as {Word(mark)}" : $"{Word(answer.Robust.IsRight)} by robust";
            text.Append($"{path} {answer.Recorded.Name}: {Word(answer.Reading.IsRight)}, {was}; answer {Short(answer.Reading.Answer)}, "
                + $"robust {Short(answer.Robust.Answer)}, gold {Short(string.Join(" | ", answer.Recorded.Expected.Gold))}\n");
        }

        return changed.Count > most
            ? text.Append($"… and {changed.Count - most} more; --changed {changed.Count} lists all\n").ToString()
            : text.ToString();
    }

    /// <summary>The files as JSON: one array, or, into a file that ends in .jsonl, a line each.</summary>
    public static string Json(IEnumerable<RescoredFile> files, bool isLines)
    {
        var rows = files.Select(file => new
        {
            file = file.Path,
            items = file.Answers.Length,
            right = file.Right,
            accuracy = file.Accuracy,
            recorded_accuracy = file.RecordedAccuracy,
            unparsed = file.Unparsed,
            rule = file.Rule,
            robust_accuracy = file.RobustAccuracy,
            robust_unparsed = file.RobustUnparsed,
            agreement = file.Agreement,
        });
        return isLines
            ? string.Concat(rows.Select(row => JsonSerializer.Serialize(row) + "\n"))
            : JsonSerializer.Serialize(rows, Form) + "\n";
    }

    private static string Recorded(RescoredFile file) => file.RecordedAccuracy?.ToString("F2", CultureInfo.InvariantCulture) ?? "-";

    private static string Word(bool isRight) => isRight ? "right" : "wrong";

    private static string Short(string? answer) => answer is null ? "none"
        : answer.ReplaceLineEndings(" ") is var line && line.Length <= LongestShown ? $"'{line}'"
        : $"'{line[..LongestShown]}…'";
}
