using Orca.Training.Optimization;

namespace Orca.Training.Tests.Optimization;

public sealed class LearningRateScheduleTests
{
    private static readonly LearningRateSchedule Schedule = new() { Peak = 1, WarmUpSteps = 10, FinalFraction = 0.1, TailFraction = 0.2 };

    [Fact]
    public void Warm_up_rises_in_equal_parts_from_the_first_step_and_ends_at_the_peak()
    {
        Assert.Equal(0.1, Schedule.At(0, null), 12);
        Assert.Equal(0.5, Schedule.At(4, null), 12);
        Assert.Equal(1, Schedule.At(9, null), 12);
        Assert.Equal(1, Schedule.At(1_000_000, null), 12);
    }

    [Fact]
    public void Without_warm_up_the_first_step_has_the_peak_rate() =>
        Assert.Equal(1, (Schedule with { WarmUpSteps = 0 }).At(0, 0), 12);

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
        Assert.Equal(expected, (Schedule with { Shape = shape }).At(100, progress), 12);

    [Theory]
    [InlineData(DecayShape.Cosine)]
    [InlineData(DecayShape.LinearTail)]
    public void An_unbounded_run_keeps_its_peak(DecayShape shape) =>
        Assert.Equal(1, (Schedule with { Shape = shape }).At(100, null), 12);
}
