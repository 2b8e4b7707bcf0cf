using CsCheck;
using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Tests.Statistics;

public sealed class BootstrapTests
{
    private static readonly TaskMarks[] Tasks =
    [
        Counts("a", 12, 60), Counts("b", 70, 80), Counts("c", 3, 30), Counts("d", 50, 100), Counts("e", 17, 40), Counts("f", 20, 45),
    ];

    [Fact]
    public void The_same_seed_gives_the_same_resamples_in_whatever_order_marks_come()
    {
        var mixed = Tasks.Reverse().Select(task => TaskMarks.Of(task.Task, task.Items.Reverse())).ToArray();
        foreach (var sampling in Enum.GetValues<Sampling>())
        {
            var draws = Bootstrap.Score(Tasks, sampling: sampling, resamples: 500, seed: 7).Draws;
            Assert.Equal(draws, Bootstrap.Score(mixed, sampling: sampling, resamples: 500, seed: 7).Draws);
            Assert.NotEqual(draws, Bootstrap.Score(Tasks, sampling: sampling, resamples: 500, seed: 8).Draws);
        }
    }

    [Theory]
    [InlineData(12, 41)]
    [InlineData(39, 41)]
    // Beyond 500 draws are made of halves, which need not be equal.
    [InlineData(900, 2004)]
    public void Right_and_wrong_are_drawn_from_the_binomial_distribution(int right, int items)
    {
        var draws = Bootstrap.Score([Counts("a", right, items)], resamples: 20_000).Draws;
        // By logarithms, as the chance of none of 2,000 is too small for a double.
        var (log, sum, largest) = ((items - 1) * Math.Log(1 - ((double)right / items)), 0.0, 0.0);
        for (var k = 0; k < items; k++)
        {
            sum += Math.Exp(log);
            largest = Math.Max(largest, Math.Abs(sum - draws.Count(draw => draw < (k + 0.5) / (items - 1)) / 20_000.0));
            log += k < items - 1 ? Math.Log((double)(items - 1 - k) / (k + 1) * right / (items - right)) : 0;
        }

        // Kolmogorov's bound, passed by chance once in a thousand, and by a seed not at all.
        Assert.InRange(largest, 0, 1.95 / Math.Sqrt(20_000));
    }

    [Fact]
    public void Drawing_by_value_is_drawing_by_item()
    {
        // 1e-9 apart, a hundred values instead of four.
        double[] ten = [0, 0, 0, 0, 0, 0.25, 0.25, 0.25, 0.5, 1];
        double[] few = [.. Enumerable.Range(0, 100).Select(place => ten[place % 10])];
        double[] many = [.. few.Select((mark, place) => Math.Abs(mark - (place * 1e-9)))];
        var (one, other) = (Bootstrap.Score([Marks.Of("a", few)]), Bootstrap.Score([Marks.Of("a", many)]));
        foreach (var share in new[] { 250, 1000, 2500, 5000, 7500, 9000, 9750 })
        {
            Assert.Equal(one.Draws[share], other.Draws[share], 0.006);
        }
    }

    [Theory]
    [InlineData(Weighting.EqualTasks, Sampling.Items)]
    [InlineData(Weighting.EqualItems, Sampling.Items)]
    [InlineData(Weighting.EqualTasks, Sampling.TasksAndItems)]
    public void Resamples_vary_as_the_standard_error_says(Weighting weighting, Sampling sampling)
    {
        var score = Score.Of(Tasks, weighting, sampling);
        var bootstrap = Bootstrap.Score(Tasks, weighting, sampling, resamples: 20_000);
        Assert.Equal(score.Value, bootstrap.Value, 1e-12);
        Assert.Equal(1, Deviation(bootstrap.Draws) / score.StandardError, 0.03);
    }

    [Fact]
    public void With_many_items_it_agrees_with_the_paired_comparison()
    {
        Gen.Select(Gen.Int[0, 2].Select(value => value / 2.0), Gen.Double[0, 1]).Array[300, 400].Array[3].Sample(
            tasks =>
            {
                var first = tasks.Select((marks, i) => Marks.Of($"{i}", [.. marks.Select(mark => mark.Item1)])).ToArray();
                var second = tasks.Select((marks, i) =>
                    Marks.Of($"{i}", [.. marks.Select(mark => mark.Item2 < 0.8 ? mark.Item1 : 1 - mark.Item1)])).ToArray();
                var (plain, drawn) = (PairedComparison.Of(first, second), Bootstrap.Difference(first, second, resamples: 4_000));
                Assert.Equal(plain.Difference, drawn.Value, 1e-12);
                Assert.Equal(plain.Interval.Low, drawn.Interval.Low, 0.2 * plain.StandardError);
                Assert.Equal(plain.Interval.High, drawn.Interval.High, 0.2 * plain.StandardError);
                Assert.Equal(plain.P, drawn.P, 0.06);
            },
            iter: 10, seed: "0000KxRp3q12");
    }

    [Fact]
    public void A_run_does_not_differ_from_itself()
    {
        var drawn = Bootstrap.Difference(Tasks, Tasks, resamples: 100);
        Assert.Equal((0.0, 1.0), (drawn.Value, drawn.P));
    }

    [Fact]
    public void A_task_of_one_item_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => Bootstrap.Score([.. Tasks, Marks.Of("z", 1)]));
        Assert.Contains("Task 'z' has one item", error.Message);
    }

    private static TaskMarks Counts(string task, int right, int items) =>
        Marks.Of(task, [.. Enumerable.Range(0, items).Select(place => place < right ? 1.0 : 0)]);

    private static double Deviation(IEnumerable<double> values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }
}
