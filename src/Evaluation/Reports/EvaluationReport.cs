using System.Collections.Immutable;
using Orca.Evaluation.Certificate;
using Orca.Evaluation.Runs;
using Orca.Evaluation.Statistics;
using Orca.Evaluation.Suites;

namespace Orca.Evaluation.Reports;

/// <summary>How a run went: everything is computed from its records.</summary>
public sealed record EvaluationReport
{
    /// <summary>What was asked of whom, and how.</summary>
    public required RunPlan Plan { get; init; }

    /// <summary>Every task, by name.</summary>
    public required ImmutableArray<TaskScore> Tasks { get; init; }

    /// <summary>
    /// The headline: unweighted mean over the tasks, with its interval for these tasks; null of fewer than two questions.
    /// </summary>
    public required Score? Mean { get; init; }

    /// <summary>The same with the interval for tasks like these; null of fewer than two tasks.</summary>
    public required Score? MeanOfTasksLikeThese { get; init; }

    /// <summary>Mean over the questions.</summary>
    public required Score? ItemMean { get; init; }

    /// <summary>Unweighted mean over the tasks of the questions without a known fault.</summary>
    public double CleanMean => Average(task => task.CleanAccuracy);

    /// <summary>The most that anybody can reach of <see cref="Mean"/>.</summary>
    public double Attainable => Average(task => task.Attainable);

    /// <summary>What guessing gets of it.</summary>
    public double Chance => Average(task => task.Chance);

    /// <summary>What the most frequent answer of each task gets of it.</summary>
    public double Majority => Average(task => task.Majority);

    /// <summary>Unweighted mean of how far from guessing to perfect each task got.</summary>
    public double ChanceCorrected => Average(task => task.ChanceCorrected);

    /// <summary>Questions asked.</summary>
    public int Items => Tasks.Sum(task => task.Items);

    /// <summary>Answers given.</summary>
    public int Answers => Tasks.Sum(task => task.Answers);

    /// <summary>Share of the answers in which none was found.</summary>
    public double ParseFailureRate => Answers == 0 ? 0 : (double)Tasks.Sum(task => task.Unparsed) / Answers;

    /// <summary>What wants a second look before the score is told to anybody.</summary>
    public required ImmutableArray<Alarm> Alarms { get; init; }

    /// <summary>What the student's lessons have of the benchmark; null where that was not looked at.</summary>
    public Contamination? Contamination { get; init; }

    /// <summary>Unweighted mean over the tasks of the questions that no lesson shares text with; null where there is none of them, or it
    /// was not looked at.</summary>
    public double? UncontaminatedMean => Tasks.Any(task => task.UncontaminatedAccuracy is not null)
        ? Tasks.Average(task => task.UncontaminatedAccuracy)
        : null;

    /// <summary>Whether no question has a gold answer, so that nothing is right or wrong before a judge has said so.</summary>
    public bool IsUnmarked { get; init; }

    /// <summary>Why a prompt could not be taken, the first of them; null where all could.</summary>
    public string? Refusal { get; init; }

    /// <summary>Answers that each version of the student gave.</summary>
    public required ImmutableSortedDictionary<string, int> AnswersByVersion { get; init; }

    /// <summary>Names the extractor that found the answers.</summary>
    public string Certificate { get; } = ExtractorCertificate.OwnHash;

    /// <summary>Tokens of all answers.</summary>
    public required long ResponseTokens { get; init; }

    /// <summary>Computes it.</summary>
    /// <param name="plan">The run's plan.</param>
    /// <param name="records">Its records, one or more.</param>
    /// <param name="contamination">What the student's lessons have of the benchmark; null where that was not looked at.</param>
    public static EvaluationReport Of(RunPlan plan, ImmutableArray<ItemRecord> records, Contamination? contamination = null)
    {
        var tasks = records.GroupBy(record => record.Task).OrderBy(task => task.Key, StringComparer.Ordinal)
            .Select(task => (Records: task, Summary: TaskSummary.Of(TaskScore.Marks(task.Key, task))))
            .Select(task => (Score: TaskScore.Of(task.Records.Key, [.. task.Records], task.Summary, contamination), task.Summary)).ToList();
        var summaries = tasks.Select(task => task.Summary).ToArray();
        var items = summaries.Sum(summary => summary.Items);
        return new EvaluationReport
        {
            Plan = plan,
            Tasks = [.. tasks.Select(task => task.Score)],
            Mean = items > 1 ? Score.Of(summaries) : null,
            MeanOfTasksLikeThese = summaries.Length > 1 ? Score.Of(summaries, sampling: Sampling.TasksAndItems) : null,
            ItemMean = items > 1 ? Score.Of(summaries, Weighting.EqualItems) : null,
            Alarms =
            [
                .. tasks.SelectMany(task => new[]
                {
                    Alarm.BelowChance(task.Summary, task.Score.Chance),
                    Alarm.ParseFailures(task.Score.Task, task.Score.Unparsed, task.Score.Answers),
                }).Where(alarm => alarm is not null).Select(alarm => alarm!.Value),
            ],
            Contamination = contamination,
            IsUnmarked = records.All(record => record.Gold.IsEmpty),
            Refusal = records.FirstOrDefault(record => record.Refusal is not null)?.Refusal,
            AnswersByVersion = records.CountBy(record => record.Version).ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value),
            ResponseTokens = records.Sum(record => (long)record.ResponseTokens),
        };
    }

    private double Average(Func<TaskScore, double> value) => Tasks.IsEmpty ? 0 : Tasks.Average(value);
}
