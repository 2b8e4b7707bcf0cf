using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Tests.Statistics;

public sealed class BaselinesTests
{
    [Fact]
    public void Majority_first_option_and_guess_are_counted()
    {
        var baselines = Baselines.Of(
            "a", [new("A", ["A", "B"]), new("B", ["A", "B"]), new("B", ["B", "A", "C", "D"]), new("B", ["A", "B"])]);
        Assert.Equal(new Baselines("a", 4, "B", 0.75, 0.5, 0.4375), baselines);
        Assert.Equal(0.75, baselines.Best);
    }

    [Fact]
    public void Without_listed_options_only_the_majority_is_known()
    {
        Assert.Equal(new Baselines("a", 2, "cat", 0.5, null, null), Baselines.Of("a", [new("dog", []), new("cat", [])]));
    }

    [Fact]
    public void An_answer_that_is_not_listed_and_a_task_without_items_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => Baselines.Of("a", [new("C", ["A", "B"])]));
        Assert.Contains("'C' is not among the options 'A', 'B'", error.Message);
        Assert.Throws<ArgumentException>(() => Baselines.Of("a", []));
    }

    [Fact]
    public void Chance_is_0_perfect_is_1_and_tasks_count_alike()
    {
        Assert.Equal((0.0, 1.0, -1.0), (ChanceCorrection.Of(0.5, 0.5), ChanceCorrection.Of(1, 0.25), ChanceCorrection.Of(0, 0.5)));
        Assert.Equal(0.5, ChanceCorrection.Mean([(0.25, 0.25), (1, 0.5)]));
        Assert.Equal(new Interval(0, 0.5), ChanceCorrection.Of(new Interval(0.5, 0.75), 0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => ChanceCorrection.Of(1, 1));
    }
}
