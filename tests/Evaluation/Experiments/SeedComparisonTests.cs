using Orca.Evaluation.Experiments;

namespace Orca.Evaluation.Tests.Experiments;

public class SeedComparisonTests
{
    [Fact]
    public void Pairs_of_seeds_give_the_mean_difference_with_the_interval_of_students_t()
    {
        // Differences 0.1, 0.2, 0.3: mean 0.2, standard error 0.1 / √3; 4.3027 is the 0.975 quantile of t with two degrees of freedom.
        var compared = SeedComparison.Of([0.5, 0.7, 0.9], [0.4, 0.5, 0.6]);

        var error = 0.1 / Math.Sqrt(3);
        Assert.Equal(
            (0.7, 0.5, 0.2),
            (Math.Round(compared.First, 12), Math.Round(compared.Second, 12), Math.Round(compared.Difference, 12)));
        Assert.Equal(0.2 - (4.302653 * error), compared.Interval!.Low, 1e-6);
        Assert.Equal(0.2 + (4.302653 * error), compared.Interval.High, 1e-6);
        Assert.Equal(0.074180, compared.P!.Value, 1e-6);
        // 1.060660 is its 0.8 quantile.
        Assert.Equal((4.302653 + 1.060660) * error, compared.Detectable!.Value, 1e-6);
        Assert.Equal(0.4, compared.RelativeMargin!.Value, 1e-9);
    }

    [Fact]
    public void One_seed_tells_a_difference_and_not_how_sure_it_is()
    {
        var compared = SeedComparison.Of([0.5], [0.4]);

        Assert.Equal(0.1, compared.Difference, 1e-12);
        Assert.Equal((null, null, null), (compared.Interval, compared.P, compared.Detectable));
    }

    [Fact]
    public void A_margin_over_what_is_no_better_than_guessing_is_not_told() =>
        Assert.Null(SeedComparison.Of([0.5, 0.6], [-0.1, 0.1]).RelativeMargin);

    [Theory, InlineData(0, 0), InlineData(2, 1)]
    public void Figures_that_are_no_pairs_are_refused(int first, int second) =>
        Assert.Throws<ArgumentException>(() => SeedComparison.Of(new double[first], new double[second]));

    [Fact]
    public void Its_interval_holds_a_true_difference_as_often_as_it_says()
    {
        var (random, held) = (new Random(7), 0);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        for (var run = 0; run < 4_000; run++)
        {
            var first = Enumerable.Range(0, 5).Select(_ => 0.3 + (0.05 * Normal())).ToArray();
            var second = Enumerable.Range(0, 5).Select(_ => 0.2 + (0.05 * Normal())).ToArray();
            held += SeedComparison.Of(first, second).Interval!.Contains(0.1) ? 1 : 0;
        }

        Assert.InRange(held / 4_000.0, 0.94, 0.96);
    }

    [Fact]
    public void The_difference_that_could_be_found_is_found_in_four_of_five()
    {
        // The scatter is known here, so that the stated difference can be planted: (t 0.975 + t 0.8) errors of five seeds.
        var (random, found) = (new Random(8), 0);
        var planted = (2.776445 + 0.940965) * 0.05 * Math.Sqrt(2.0 / 5);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        for (var run = 0; run < 4_000; run++)
        {
            var first = Enumerable.Range(0, 5).Select(_ => 0.2 + planted + (0.05 * Normal())).ToArray();
            var second = Enumerable.Range(0, 5).Select(_ => 0.2 + (0.05 * Normal())).ToArray();
            found += SeedComparison.Of(first, second).P < 0.05 ? 1 : 0;
        }

        Assert.InRange(found / 4_000.0, 0.77, 0.86);
    }
}
