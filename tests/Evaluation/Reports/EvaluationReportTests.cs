using System.Collections.Immutable;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Reports;
using Orca.Evaluation.Runs;
using Orca.Evaluation.Statistics;
using Orca.Evaluation.Suites;
using Orca.Streams.Answers;
using Orca.Streams.Sieves;

namespace Orca.Evaluation.Tests.Reports;

public class EvaluationReportTests
{
    private static readonly RunPlan Plan = new()
    {
        Suite = "bbh",
        SuiteHash = new string('a', 32),
        Items = 30,
        Protocol = "paper",
        Options = new ProtocolOptions(),
        Subject = "student",
    };

    [Fact]
    public void Beside_each_score_stand_guessing_the_most_frequent_answer_and_the_published_rows_and_its_protocol()
    {
        var text = MarkdownReport.Of(EvaluationReport.Of(Plan, Records("a", right: 12, of: 20)));

        Assert.Contains("by protocol 'paper'", text);
        Assert.Equal(
            "| a | 20 | 60.0 | 36.8–79.4 | 60.0 | 100.0 | 25.0 | 50.0 | 46.7 | 0 | - |",
            text.Split('\n').Single(line => line.StartsWith("| a |", StringComparison.Ordinal)));
        Assert.Contains("- GPT-4: 67.4 (arXiv 2306.02707)", text);
    }

    [Fact]
    public void Beside_each_score_stands_what_of_it_the_students_lessons_have_and_the_score_without_that()
    {
        // Rows 0 to 11 are right; four of them and two of the others were taught.
        var known = new Contamination(
            "run", 900, new[] { 0, 1, 2, 3, 18, 19 }.ToImmutableSortedDictionary(row => $"a/{row}", _ => ContaminationRule.SameText), 2);

        var report = EvaluationReport.Of(Plan, Records("a", right: 12, of: 20), known);
        var text = MarkdownReport.Of(report);

        Assert.Equal((6, 8.0 / 14), (report.Tasks[0].Contaminated, report.Tasks[0].UncontaminatedAccuracy));
        Assert.EndsWith("| 0 | 6 |", text.Split('\n').Single(line => line.StartsWith("| a |", StringComparison.Ordinal)));
        Assert.Contains(
            "Of 900 lessons (run) some share text with 6 of the questions; the mean of the others is 57.1 %. "
                + "Lessons with the authors' canary: 2.",
            text);
    }

    [Fact]
    public void A_faulty_question_counts_in_the_raw_score_not_in_the_clean_one_and_lowers_what_is_attainable()
    {
        var records = Records("a", right: 10, of: 20);
        records = records.SetItem(19, records[19] with { Defect = new Defect("the answer is none of the options", 1) });

        var task = Assert.Single(EvaluationReport.Of(Plan, records).Tasks);

        Assert.Equal((0.5, 10.0 / 19, 19, 0.95), (task.Accuracy, task.CleanAccuracy, task.CleanItems, task.Attainable));
    }

    [Fact]
    public void Scores_below_chance_and_answers_that_are_not_found_raise_an_alarm()
    {
        var records = Records("a", right: 0, of: 40);
        records = [.. records.Select((record, place) => place < 4 ? record with { Answer = null } : record)];

        var alarms = EvaluationReport.Of(Plan, records).Alarms;

        Assert.Equal([AlarmKind.BelowChance, AlarmKind.ParseFailures], alarms.Select(alarm => alarm.Kind));
    }

    [Fact]
    public void Every_task_counts_alike_in_the_headline_whatever_its_size()
    {
        var report = EvaluationReport.Of(Plan, [.. Records("a", right: 10, of: 10), .. Records("b", right: 0, of: 30)]);

        Assert.Equal((0.5, 0.25), (report.Mean!.Value, report.ItemMean!.Value));
        Assert.True(report.MeanOfTasksLikeThese!.Interval.Width > report.Mean.Interval.Width);
    }

    // Half of the questions have the answer A.
    private static ImmutableArray<ItemRecord> Records(string task, int right, int of) =>
        [.. Enumerable.Range(0, of).Select(row => RecordOf(task, row, isRight: row < right))];

    private static ItemRecord RecordOf(string task, int row, bool isRight) => new()
    {
        Suite = "bbh",
        Task = task,
        Row = row,
        Item = $"{task}{row}",
        Protocol = "paper",
        Prompt = new Prompt { Text = $"{row}" },
        Question = $"{row}",
        Gold = [row % 2 == 0 ? "A" : $"{(char)('B' + (row / 2 % 3))}"],
        Kind = AnswerKind.MultipleChoice,
        Chance = 0.25,
        Response = "A",
        Answer = "A",
        IsRight = isRight,
        Version = "1",
        Time = DateTimeOffset.UnixEpoch,
    };
}
