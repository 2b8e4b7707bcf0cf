using CsCheck;
using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Tests.Statistics;

public sealed class DetectableDifferenceTests
{
    [Fact]
    public void Three_points_at_a_variance_of_a_ninth_take_969_items()
    {
        // The example of Miller 2024.
        Assert.Equal(969, DetectableDifference.ItemsFor(0.03, (1 / 9.0) + 0.0009));
    }

    [Theory]
    [InlineData(0.5, 0.5, 0, 0.5)]
    [InlineData(0.35, 0.38, 0, 0.464)]
    [InlineData(0.5, 0.5, 0.5, 0.25)]
    // Students that err on the same items still differ by their difference.
    [InlineData(0.5, 0.53, 1, 0.03)]
    public void Discordance_follows_from_accuracy_and_correlation(double first, double second, double correlation, double expected)
    {
        Assert.Equal(expected, DetectableDifference.Discordance(first, second, correlation), 1e-3);
    }

    [Fact]
    public void Difference_items_and_power_say_the_same()
    {
        Gen.Select(Gen.Int[20, 100_000], Gen.Double[0.01, 1], Gen.Double[0.5, 0.99]).Sample((items, discordance, power) =>
        {
            var difference = DetectableDifference.Of(items, discordance, power);
            Assert.InRange(DetectableDifference.ItemsFor(difference, discordance, power), items - 1, items + 1);
            // Half a percent of 0.5 may be found the wrong way round.
            Assert.InRange(DetectableDifference.Power(difference, items, discordance) - power, -1e-9, 0.03);
            Assert.True(DetectableDifference.Of(4 * items, discordance, power) < difference);
        });
    }

    [Fact]
    public void Tasks_of_equal_size_are_as_good_as_one_and_unequal_ones_less()
    {
        Assert.Equal(DetectableDifference.Of(180, 0.3), DetectableDifference.Of([60, 60, 60], 0.3), 1e-12);
        Assert.Equal(8 / (1.0 + (1 / 99.0)) / 2, DetectableDifference.EffectiveItems([1, 99]), 1e-12);
        Assert.True(DetectableDifference.Of([20, 100], 0.3) > DetectableDifference.Of([60, 60], 0.3));
    }

    [Fact]
    public void Without_items_difference_or_power_there_is_no_answer()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => DetectableDifference.Of(0, 0.3));
        Assert.Throws<ArgumentOutOfRangeException>(() => DetectableDifference.ItemsFor(0, 0.3));
        Assert.Throws<ArgumentOutOfRangeException>(() => DetectableDifference.Of(100, 0.3, power: 0.2));
        Assert.Throws<ArgumentOutOfRangeException>(() => DetectableDifference.Of(Array.Empty<int>(), 0.3));
    }
}
