using System.Text.Json;
using Orca.Evaluation.Suites;

namespace Orca.Evaluation.Recordings;

/// <summary>Accuracies that authors recorded beside outputs: <c>NAME_eval_metrics.jsonl</c> beside <c>NAME.json</c>.</summary>
internal static class RecordedAccuracy
{
    private const string Ending = "_eval_metrics.jsonl";

    /// <summary>Whether a file is such a record.</summary>
    public static bool Is(string path) => path.EndsWith(Ending, StringComparison.Ordinal);

    /// <summary>What is recorded for a file of outputs, in percent; null where nothing lies beside it.</summary>
    /// <exception cref="EvaluationException">What lies beside it is damaged.</exception>
    public static double? Beside(string path)
    {
        var record = path[..^Path.GetExtension(path).Length] + Ending;
        return File.Exists(record)
            && PublishedFile.Lines(record).FirstOrDefault().Object is { ValueKind: JsonValueKind.Object } first
            && first.TryGetProperty("accuracy", out var accuracy) && accuracy.TryGetDouble(out var value)
                ? value
                : null;
    }
}
