using Orca.Training.Optimization;

namespace Orca.Training.Tests.Optimization;

public sealed class LearningRateScheduleTests
{
    private static readonly LearningRateSchedule Schedule = new() { Peak = 1, WarmUpSteps = 10, FinalFraction = 0.1, TailFraction = 0.2 };

    [Fact]
    public void Warm_up_rises_in_equal_parts_from_the_first_step_and_ends_at_the_peak()
    {
        Assert.Equal(0.1, Schedule.RateAt(0, 1), 12);
        Assert.Equal(0.5, Schedule.RateAt(4, 1), 12);
        Assert.Equal(1, Schedule.RateAt(9, 1), 12);
        Assert.Equal(1, Schedule.RateAt(1_000_000, 1), 12);
    }

    [Fact]
    public void Without_warm_up_the_first_step_has_the_peak_rate() =>
        Assert.Equal(1, (Schedule with { WarmUpSteps = 0 }).RateAt(0, 1), 12);

    [Theory]
    [InlineData(DecayShape.Cosine, 0, 1)]
    [InlineData(DecayShape.Cosine, 0.5, 0.55)]
    [InlineData(DecayShape.Cosine, 1, 0.1)]
    [InlineData(DecayShape.Cosine, 1.5, 0.1)]
    [InlineData(DecayShape.LinearTail, 0.8, 1)]
    [InlineData(DecayShape.LinearTail, 0.9, 0.55)]
    [InlineData(DecayShape.LinearTail, 1, 0.1)]
    [InlineData(DecayShape.Constant, 1, 1)]
    public void After_the_warm_up_progress_alone_decides(DecayShape shape, double progress, double expected) =>
        Assert.Equal(expected, (Schedule with { Shape = shape }).LevelAt(progress, 1), 12);

    [Theory]
    [InlineData(DecayShape.Cosine)]
    [InlineData(DecayShape.LinearTail)]
    public void An_unbounded_run_keeps_its_peak(DecayShape shape) =>
        Assert.Equal(1, (Schedule with { Shape = shape }).LevelAt(null, 1), 12);

    [Fact]
    public void What_the_decay_has_taken_does_not_come_back()
    {
        Assert.Equal(0.3, Schedule.LevelAt(0, before: 0.3), 12);
        Assert.Equal(0.3, Schedule.LevelAt(null, before: 0.3), 12);
        Assert.Equal(0.1, Schedule.LevelAt(1, before: 0.3), 12);
    }

    [Fact]
    public void The_rate_is_the_peak_s_part_of_both() => Assert.Equal(0.5 * 0.3, Schedule.RateAt(4, 0.3), 12);
}
