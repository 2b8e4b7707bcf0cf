using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Tests.Statistics;

/// <summary>Students planted three points apart are told apart as often as the stated power says, equal ones no oftener than 5 %.</summary>
public sealed class PowerTests(ITestOutputHelper output)
{
    private static readonly int[] Unequal = [.. Enumerable.Range(0, 23).Select(task => task < 12 ? 40 : 200)];

    // Accuracies and correlations at which three points are found with 80 % power, with more and with less.
    private static IEnumerable<(string Name, int[] Sizes, SimulatedPair Pair)> Cases =>
    [
        ("23 tasks of 146 to 250, 50 % right, independent", SimulatedBenchmark.Large, new(0.485, 0.515, 0)),
        ("23 tasks of 146 to 250, 35 % right, independent", SimulatedBenchmark.Large, new(0.35, 0.38, 0)),
        ("23 tasks of 146 to 250, 35 % right, correlation 0.5", SimulatedBenchmark.Large, new(0.35, 0.38, 0.5)),
        ("12 tasks of 40 and 11 of 200, 35 % right, correlation 0.6", Unequal, new(0.35, 0.38, 0.6)),
        ("9 tasks of 146 to 183, 90 % right, independent", SimulatedBenchmark.Large[..9], new(0.87, 0.90, 0)),
        ("9 tasks of 20, 35 % right, correlation 0.8", SimulatedBenchmark.Small, new(0.35, 0.38, 0.8)),
    ];

    [Fact]
    public void Students_three_points_apart_are_told_apart_as_often_as_stated_and_equal_ones_hardly_ever()
    {
        foreach (var (name, sizes, pair) in Cases.Where(one => one.Sizes == Unequal || one.Sizes.Length == 9))
        {
            // 400 runs: a share of 80 % is seen to within 2 points, one of 5 % to within 1.1.
            var (stated, found, alarms) = Measure(sizes, pair, runs: 400);
            Assert.True(Math.Abs(found - stated) < 0.07, $"{name}: stated {stated}, found {found}");
            Assert.True(alarms < 0.085, $"{name}: {alarms} false alarms");
        }
    }

    [Fact(Explicit = true)]
    public void Students_three_points_apart_in_2000_runs()
    {
        foreach (var (name, sizes, pair) in Cases)
        {
            var (stated, found, alarms) = Measure(sizes, pair, runs: 2_000);
            var detectable = DetectableDifference.Of(sizes, pair.Discordance);
            output.WriteLine($"{name}: detectable {100 * detectable:F1} points; stated {100 * stated:F1} %, found {100 * found:F1} %, "
                + $"false alarms {100 * alarms:F1} %");
            Assert.InRange(found - stated, -0.025, 0.025);
            Assert.InRange(alarms, 0, 0.065);
        }
    }

    [Theory]
    [InlineData(400, 0.905, 0.985)]
    [InlineData(2_000, 0.93, 0.97, Explicit = true)]
    public void The_interval_of_the_difference_holds_the_true_one(int runs, double least, double most)
    {
        foreach (var accuracy in new[] { 0.05, 0.35, 0.87 })
        {
            foreach (var sampling in Enum.GetValues<Sampling>())
            {
                // Where tasks are drawn anew they gain unequally.
                var pair = new SimulatedPair(accuracy, accuracy + 0.03, 0.4, Spread: sampling == Sampling.Items ? 0 : 0.02);
                var random = new Random(9);
                var held = Enumerable.Range(0, runs).Count(_ =>
                {
                    var (first, second) = pair.Run(random, SimulatedBenchmark.Small);
                    return PairedComparison.Of(first, second, sampling: sampling).Interval.Contains(0.03);
                });
                output.WriteLine($"9 tasks of 20, {accuracy}, {sampling}: {100.0 * held / runs:F1} %");
                Assert.InRange((double)held / runs, least, most);
            }
        }
    }

    private static (double Stated, double Found, double FalseAlarms) Measure(int[] sizes, SimulatedPair pair, int runs)
    {
        var stated = DetectableDifference.Power(pair.Second - pair.First, DetectableDifference.EffectiveItems(sizes), pair.Discordance);
        return (stated, ToldApart(sizes, pair, runs), ToldApart(sizes, pair with { Second = pair.First }, runs));
    }

    private static double ToldApart(int[] sizes, SimulatedPair pair, int runs)
    {
        // One sequence of numbers: those of neighbouring seeds are not independent.
        var random = new Random(17);
        return (double)Enumerable.Range(0, runs).Count(_ =>
        {
            var (first, second) = pair.Run(random, sizes);
            return PairedComparison.Of(first, second).P < 0.05;
        }) / runs;
    }
}
