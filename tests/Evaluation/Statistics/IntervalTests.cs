using CsCheck;
using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Tests.Statistics;

public sealed class IntervalTests
{
    [Theory]
    // Values of the formula in Wilson (1927), as R's prop.test(correct = FALSE) gives them.
    [InlineData(0, 10, 0.0, 0.2775)]
    [InlineData(10, 10, 0.7225, 1.0)]
    [InlineData(5, 10, 0.2366, 0.7634)]
    [InlineData(90, 100, 0.8256, 0.9448)]
    public void Wilsons_interval_has_its_known_values(int hits, int trials, double low, double high)
    {
        var interval = Interval.Wilson(hits, trials);
        Assert.Equal(low, interval.Low, 4);
        Assert.Equal(high, interval.High, 4);
    }

    [Fact]
    public void Without_trials_anything_is_possible()
    {
        Assert.Equal(new Interval(0, 1), Interval.Wilson(0, 0));
    }

    [Fact]
    public void The_interval_holds_the_share_and_shrinks_with_trials()
    {
        Gen.Select(Gen.Int[1, 500], Gen.Double[0, 1]).Sample((trials, share) =>
        {
            var hits = (int)(share * trials);
            var (one, ten) = (Interval.Wilson(hits, trials), Interval.Wilson(hits * 10, trials * 10));
            Assert.InRange((double)hits / trials, one.Low - 1e-12, one.High + 1e-12);
            Assert.True(ten.High - ten.Low < one.High - one.Low);
        });
    }

    [Theory]
    [InlineData(0, 0.0400, 0.9600)]
    // By Hall's formula: 1.54 errors to the one side, 2.43 to the other.
    [InlineData(0.3, 0.1149, 1.1087)]
    [InlineData(-0.3, -0.1087, 0.8851)]
    public void A_skewed_mean_reaches_further_to_the_side_of_its_longer_tail(double skewness, double low, double high)
    {
        var interval = Interval.Skewed(0.5, 0.25, skewness, 1.84);
        Assert.Equal(low, interval.Low, 4);
        Assert.Equal(high, interval.High, 4);
    }

    [Fact]
    public void More_hits_than_trials_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Interval.Wilson(3, 2));
    }
}
