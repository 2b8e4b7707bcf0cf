using CsCheck;
using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Tests.Statistics;

/// <summary>Values as R's pnorm, qnorm, pt and qt give them.</summary>
public sealed class DistributionTests
{
    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1, 0.8413447460685429)]
    [InlineData(-1.959963984540054, 0.025)]
    [InlineData(-5, 2.866515718791939e-7)]
    [InlineData(-10, 7.619853024160527e-24)]
    public void Shares_of_the_normal_distribution(double value, double share)
    {
        Assert.Equal(1, NormalDistribution.Cdf(value) / share, 1e-8);
        Assert.Equal(1 - share, NormalDistribution.Cdf(-value), 1e-14);
    }

    [Theory]
    [InlineData(0.975, 1.959963984540054)]
    [InlineData(0.8, 0.8416212335729143)]
    [InlineData(0.001, -3.090232306167813)]
    public void Quantiles_of_the_normal_distribution(double share, double value)
    {
        Assert.Equal(value, NormalDistribution.Quantile(share), 1e-10);
    }

    [Theory]
    [InlineData(1, 12.706204736432095)]
    [InlineData(2, 4.302652729911275)]
    [InlineData(8, 2.306004135204166)]
    [InlineData(22, 2.073873067904015)]
    [InlineData(1000, 1.962339080753152)]
    [InlineData(double.PositiveInfinity, 1.959963984540054)]
    public void Students_quantile(double degreesOfFreedom, double value)
    {
        Assert.Equal(value, StudentDistribution.Quantile95(degreesOfFreedom), 1e-8);
    }

    [Theory]
    [InlineData(1, 1, 0.5)]
    [InlineData(2.228138851964939, 10, 0.05)]
    [InlineData(-2.228138851964939, 10, 0.05)]
    public void Students_two_sided_p(double value, double degreesOfFreedom, double p)
    {
        Assert.Equal(p, StudentDistribution.TwoSidedP(value, degreesOfFreedom), 1e-10);
    }

    [Fact]
    public void Quantiles_and_shares_are_inverse_and_students_tails_are_the_wider()
    {
        Gen.Select(Gen.Double[0.0001, 0.9999], Gen.Double[1, 2_000_000]).Sample((share, freedom) =>
        {
            Assert.Equal(share, NormalDistribution.Cdf(NormalDistribution.Quantile(share)), 1e-12);
            Assert.Equal(0.05, StudentDistribution.TwoSidedP(StudentDistribution.Quantile95(freedom), freedom), 1e-8);
            Assert.True(StudentDistribution.Quantile95(freedom) > 1.9599639);
        });
    }
}
