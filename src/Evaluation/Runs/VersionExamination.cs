using System.Collections.Immutable;
using System.Text.Json;
using Orca.Evaluation.Statistics;
using Orca.Evaluation.Suites;

namespace Orca.Evaluation.Runs;

/// <summary>What came of the examination of one published version.</summary>
/// <param name="Time">When it ended.</param>
/// <param name="Version">Number of the version.</param>
/// <param name="Checkpoint">Name of its folder.</param>
/// <param name="Step">The trainer's step.</param>
/// <param name="Questions">Questions asked.</param>
/// <param name="Right">Those that it answered rightly.</param>
/// <param name="Against">Number of the version that answered callers then.</param>
/// <param name="AgainstRight">Those that that one answered rightly.</param>
/// <param name="P">McNemar's exact p, two-sided, of there being no difference.</param>
/// <param name="IsPromoted">Whether it took over.</param>
public sealed record VersionExamination(
    DateTimeOffset Time, long Version, string Checkpoint, long Step, int Questions, int Right, long Against, int AgainstRight, double P,
    bool IsPromoted)
{
    /// <summary>Share answered rightly, 0 to 1.</summary>
    public double Accuracy => Questions == 0 ? 0 : (double)Right / Questions;

    /// <summary>Range that holds the true accuracy with 95 % confidence.</summary>
    public Interval Interval => Interval.Wilson(Right, Questions);

    /// <summary>One line of the file that examinations are kept in.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, EvaluationFolder.Form);

    /// <summary>Every examination of such a file; a last line that a kill has cut counts for nothing.</summary>
    /// <exception cref="EvaluationException">It cannot be read, or a line is no examination.</exception>
    public static ImmutableArray<VersionExamination> Read(string path)
    {
        try
        {
            var lines = File.ReadAllText(path).Split('\n');
            return
            [
                .. lines[..^1].Select((line, number) => JsonSerializer.Deserialize<VersionExamination>(line, EvaluationFolder.Form)
                    ?? throw new JsonException($"line {number + 1} is empty.")),
            ];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new EvaluationException(
                $"'{path}' holds no examinations of versions: {failure.Message} Give the folder of a run that has served and trained.",
                failure);
        }
    }
}
