using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Tests.Statistics;

public sealed class AlarmTests
{
    [Fact]
    public void A_score_below_chance_beyond_its_interval_is_an_alarm_that_names_task_and_figures()
    {
        var alarm = Alarm.BelowChance(TaskSummary.OfCounts("sums", 20, 200), 0.25);
        Assert.Equal(AlarmKind.BelowChance, alarm!.Value.Kind);
        Assert.Equal(
            "Task 'sums' scores 10.0 % on 200 items (95 % interval 6.5 % to 15.0 %), below the 25.0 % that guessing scores.",
            alarm.Value.Message);
    }

    [Theory]
    [InlineData(40, 200)]
    [InlineData(60, 200)]
    [InlineData(0, 5)]
    [InlineData(0, 1)]
    public void A_score_whose_interval_reaches_chance_is_none(int right, int items)
    {
        Assert.Null(Alarm.BelowChance(TaskSummary.OfCounts("sums", right, items), 0.25));
    }

    [Fact]
    public void More_than_5_percent_unread_answers_are_an_alarm_and_5_are_not()
    {
        Assert.Null(Alarm.ParseFailures("sums", 10, 200));
        Assert.Null(Alarm.ParseFailures("sums", 0, 0));
        Assert.Equal(
            "Task 'sums' has 11 of 200 answers (5.5 %) in which no answer was found; at most 5.0 % may be.",
            Alarm.ParseFailures("sums", 11, 200)!.Value.Message);
    }
}
