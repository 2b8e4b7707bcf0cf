using System.Text.Json;
using System.Text.Json.Nodes;
using Orca.Training.Practice;

namespace Orca.Training.Running;

/// <summary>Appends a line of JSON for every step to a file. A disk that refuses loses lines, and never stops the run.</summary>
internal sealed class MetricsLog(string? path, TimeProvider time) : IDisposable
{
    private StreamWriter? writer;

    /// <summary>Writes one step.</summary>
    public void Write(TrainingStep step)
    {
        if (path is null)
        {
            return;
        }

        try
        {
            writer ??= Open(path);
            writer.WriteLine(Line(step).ToJsonString());
            writer.Flush();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Close();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    private static StreamWriter Open(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite));
    }

    private JsonObject Line(TrainingStep step) => new()
    {
        ["time"] = time.GetUtcNow().ToString("O"),
        ["step"] = step.Step,
        ["loss"] = step.TeacherTokens > 0 ? Finite(step.Loss) : null,
        ["skipped"] = step.Skipped,
        ["learning_rate"] = step.LearningRate,
        ["rate_scale"] = step.RateScale,
        ["gradient_norm"] = Finite(step.GradientNorm),
        ["lessons"] = step.Lessons,
        ["tokens"] = step.Tokens,
        ["teacher_tokens"] = step.TeacherTokens,
        ["practice_loss"] = step.PracticeLoss is { } practice ? Finite(practice) : null,
        ["practice_tokens"] = step.PracticeTokens,
        ["practice"] = step.Practice is { } alarms ? Practised(alarms) : null,
        ["packing_efficiency"] = Math.Round(step.PackingEfficiency, 4),
        ["refused_lessons"] = step.RefusedLessons,
        ["seconds"] = Math.Round(step.Elapsed.TotalSeconds, 4),
        ["waited_seconds"] = Math.Round(step.Waited.TotalSeconds, 4),
        ["tokens_per_second"] = Math.Round(step.TokensPerSecond, 1),
        ["teacher_tokens_per_second"] = Math.Round(step.TeacherTokensPerSecond, 1),
        ["share_of_product"] = Rounded(step.ShareOfProduct),
        ["mfu"] = Rounded(step.ShareOfDataSheet),
        ["memory_bytes"] = step.MemoryBytes,
        ["progress"] = step.Progress,
        ["collections"] = new JsonObject(step.Collections.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, new JsonObject
        {
            ["lessons"] = pair.Value.Lessons,
            ["tokens"] = pair.Value.Tokens,
            ["teacher_tokens"] = pair.Value.TeacherTokens,
            ["repeated_lessons"] = pair.Value.Repeated,
            ["loss"] = pair.Value.MeanLoss is { } loss ? Finite(loss) : null,
        }))),
    };

    private static JsonObject Practised(PracticeAlarms alarms) => new()
    {
        ["answers"] = alarms.Answers,
        ["mean_tokens"] = Math.Round(alarms.MeanTokens, 2),
        ["repeating_share"] = Math.Round(alarms.RepeatingShare, 4),
        ["endless_share"] = Math.Round(alarms.EndlessShare, 4),
    };

    // JSON has no infinity and no not-a-number.
    private static JsonValue? Finite(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    private static double? Rounded(double? share) => share is { } value ? Math.Round(value, 4) : null;

    private void Close()
    {
        try
        {
            writer?.Dispose();
        }
        catch (IOException)
        {
            // The line is lost.
        }

        writer = null;
    }
}
