using Orca.Evaluation.Statistics;
using Orca.Streams;

namespace Orca.Evaluation.Tests.Statistics;

public sealed class LogisticRegressionTests
{
    [Fact]
    public void Planted_coefficients_are_found()
    {
        var random = new SeededRandom(2);
        var points = Enumerable.Range(0, 40_000).Select(_ =>
        {
            var x = (2 * random.NextDouble()) - 1;
            return (x, random.NextDouble() < 1 / (1 + Math.Exp(-(0.5 + (2 * x)))) ? 1.0 : 0.0);
        }).ToList();

        var fit = LogisticRegression.Fit(points);

        Assert.Equal((0.5, 2), (Math.Round(fit.Constant, 1), Math.Round(fit.Slope, 1)));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(0, 0)]
    public void Data_that_the_variable_separates_or_that_are_all_alike_have_finite_coefficients(double below, double above)
    {
        var points = Enumerable.Range(-500, 1001).Select(i => (i / 500.0, i < 0 ? below : above)).ToList();

        var fit = LogisticRegression.Fit(points);

        Assert.True(double.IsFinite(fit.Constant) && double.IsFinite(fit.Slope));
        Assert.True(IsFlat(points, fit), $"{fit}");
    }

    [Fact]
    public void Without_a_variable_the_share_is_the_mean_but_for_the_ridge() => Assert.Equal(
        0.7, LogisticRegression.Fit([.. Enumerable.Range(0, 1000).Select(i => (0.0, i < 700 ? 1.0 : 0.0))]).ShareAtZero, 3);

    // At a minimum the gradient is nothing.
    private static bool IsFlat(List<(double X, double Share)> points, LogisticRegression fit)
    {
        var off = points
            .Select(point => (point.X, Off: (1 / (1 + Math.Exp(-(fit.Constant + (fit.Slope * point.X))))) - point.Share)).ToList();
        return Math.Abs(off.Sum(point => point.Off) + (LogisticRegression.Ridge * fit.Constant)) < 1e-6
            && Math.Abs(off.Sum(point => point.Off * point.X) + (LogisticRegression.Ridge * fit.Slope)) < 1e-6;
    }
}
