using CsCheck;
using Orca.Cli.Bench;

namespace Orca.Cli.Tests.Bench;

public sealed class PercentilesTests
{
    [Fact]
    public void They_are_the_nearest_ranks_of_the_samples()
    {
        var hundred = Percentiles.Of(Enumerable.Range(1, 100).Select(i => (double)i).Reverse());
        Assert.Equal([50, 90, 99, 100, 1], [hundred[50], hundred[90], hundred[99], hundred[100], hundred[0.5]]);

        var five = Percentiles.Of([15, 20, 35, 40, 50]);
        Assert.Equal([15, 20, 20, 35, 50], [five[5], five[30], five[40], five[50], five[99]]);
        Assert.Equal((50, 32, 5), (five.Max, five.Mean, five.Count));
    }

    [Fact]
    public void A_percentile_is_a_sample_that_just_enough_samples_do_not_exceed()
    {
        Gen.Select(Gen.Double[0, 1_000].Array[1, 300], Gen.Double[0.1, 100]).Sample((samples, percent) =>
        {
            var value = Percentiles.Of(samples)[percent];
            Assert.Contains(value, samples);
            var needed = percent / 100 * samples.Length;
            Assert.True(samples.Count(sample => sample <= value) >= needed - 1e-9);
            Assert.True(samples.Count(sample => sample < value) < needed);
        });
    }

    [Fact]
    public void Of_nothing_nothing_is_known()
    {
        var none = Percentiles.Of([]);
        Assert.True(double.IsNaN(none[99]) && double.IsNaN(none.Max) && double.IsNaN(none.Mean));
    }
}
