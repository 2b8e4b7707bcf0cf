using System.Collections.Immutable;
using Orca.Evaluation.Runs;
using Orca.Evaluation.Statistics;
using Orca.Evaluation.Suites;

namespace Orca.Evaluation.Reports;

/// <summary>
/// How one task went, computed from its records. Shares are 0 to 1; where questions were sampled several times, their means.
/// </summary>
public sealed record TaskScore
{
    /// <summary>The task.</summary>
    public required string Task { get; init; }

    /// <summary>Questions asked.</summary>
    public required int Items { get; init; }

    /// <summary>Answers given: questions times samples.</summary>
    public required int Answers { get; init; }

    /// <summary>Right ones of all questions as they are published.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Range that holds the true accuracy with 95 % confidence.</summary>
    public required Interval Interval { get; init; }

    /// <summary>Right ones of the questions in which no fault is known.</summary>
    public required double CleanAccuracy { get; init; }

    /// <summary>How many those are.</summary>
    public required int CleanItems { get; init; }

    /// <summary>The most that anybody can reach on the questions as they are published.</summary>
    public required double Attainable { get; init; }

    /// <summary>What a blind guess among the listed answers gets.</summary>
    public required double Chance { get; init; }

    /// <summary>What the most frequent answer gets.</summary>
    public required double Majority { get; init; }

    /// <summary>From guessing (0) to perfect (1); below 0 where guessing does better.</summary>
    public double ChanceCorrected => Chance >= 1 ? 0 : ChanceCorrection.Of(Accuracy, Chance);

    /// <summary>Answers in which none was found; they count as wrong.</summary>
    public required int Unparsed { get; init; }

    /// <summary>Answers cut at their longest length.</summary>
    public required int Cut { get; init; }

    /// <summary>Prompts that the student could not take; they count as wrong.</summary>
    public required int Refused { get; init; }

    /// <summary>Questions that the student's lessons share text with; null where that was not looked at.</summary>
    public int? Contaminated { get; init; }

    /// <summary>Right ones of the other questions; null where there is none, or it was not looked at.</summary>
    public double? UncontaminatedAccuracy { get; init; }

    /// <summary>Computes it.</summary>
    /// <param name="task">The task.</param>
    /// <param name="records">Its records, one or more.</param>
    /// <param name="summary">The summary of their marks.</param>
    /// <param name="contamination">What the student's lessons have of the benchmark; null where that was not looked at.</param>
    internal static TaskScore Of(string task, ImmutableArray<ItemRecord> records, TaskSummary summary, Contamination? contamination)
    {
        var items = records.GroupBy(record => record.Key).Select(item => item.ToArray()).ToList();
        var clean = items.Where(item => item[0].Defect is null).ToList();
        var unknown = items.Where(item => contamination?.Items.ContainsKey(item[0].Key) == false).ToList();
        return new TaskScore
        {
            Task = task,
            Items = items.Count,
            Answers = records.Length,
            Accuracy = summary.Mean,
            Interval = items.Count > 1
                ? Score.Of([summary]).Interval
                : Interval.Wilson(records.Count(record => record.IsRight), records.Length),
            CleanAccuracy = clean.Count == 0 ? 0 : Mean(clean),
            Contaminated = contamination is null ? null : items.Count - unknown.Count,
            UncontaminatedAccuracy = unknown.Count == 0 ? null : Mean(unknown),
            CleanItems = clean.Count,
            Attainable = 1 - (items.Sum(item => item[0].Defect?.Lost ?? 0) / items.Count),
            Chance = items.Average(item => item[0].Chance),
            Majority = Baselines.Majority([.. items.Select(item => item[0].Gold.FirstOrDefault())]),
            Unparsed = records.Count(record => record.Answer is null),
            Refused = records.Count(record => record.Refusal is not null),
            Cut = records.Count(record => record.IsCut),
        };
    }

    /// <summary>The marks of a task's records.</summary>
    internal static TaskMarks Marks(string task, IEnumerable<ItemRecord> records) =>
        TaskMarks.Of(task, records.Select(record => new ItemMark(record.Item, record.IsRight ? 1 : 0)));

    private static double Mean(List<ItemRecord[]> items) => items.Average(item => item.Average(record => record.IsRight ? 1.0 : 0));
}
