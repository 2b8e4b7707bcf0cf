using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Tests.Statistics;

public sealed class BaselinesTests
{
    [Fact]
    public void The_most_frequent_answer_and_the_first_option_are_counted_over_all_items()
    {
        string?[] golds = ["(A)", "(B)", "(B)", null];

        Assert.Equal((0.5, 0.25), (Baselines.Majority(golds), Baselines.FirstOption(golds)));
        Assert.Equal((0, 0), (Baselines.Majority([]), Baselines.FirstOption([])));
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
