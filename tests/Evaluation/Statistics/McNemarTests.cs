using System.Numerics;
using CsCheck;
using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Tests.Statistics;

public sealed class McNemarTests
{
    [Theory]
    [InlineData(5, 15, 0.0413895, 0.0266037)]
    [InlineData(1, 8, 0.0390625, 0.0214844)]
    [InlineData(0, 5, 0.0625, 0.03125)]
    [InlineData(10, 10, 1, 1)]
    [InlineData(0, 0, 1, 1)]
    public void Has_its_known_values(int onlyFirst, int onlySecond, double p, double midP)
    {
        var test = new McNemar(onlyFirst, onlySecond);
        Assert.Equal(p, test.P, 1e-7);
        Assert.Equal(midP, test.MidP, 1e-7);
    }

    [Fact]
    public void Is_the_sum_of_the_binomial_and_knows_no_first_and_second()
    {
        Gen.Select(Gen.Int[0, 200], Gen.Int[0, 200]).Sample((one, other) =>
        {
            var (sum, binomial) = (BigInteger.Zero, BigInteger.One);
            for (var k = 0; k <= Math.Min(one, other); k++)
            {
                sum += binomial;
                binomial = binomial * (one + other - k) / (k + 1);
            }

            var exact = Math.Min(1, 2 * Math.Exp(BigInteger.Log(sum) - ((one + other) * Math.Log(2))));
            var test = new McNemar(one, other);
            Assert.Equal(1, test.P / exact, 1e-8);
            Assert.Equal(new McNemar(other, one).P, test.P);
            Assert.InRange(test.MidP, 0, test.P);
        });
    }

    [Fact]
    public void Counts_the_items_that_one_run_alone_got_right()
    {
        var first = Marks.Of("a", 1, 1, 0, 0, 1);
        var second = Marks.Of("a", 1, 0, 1, 1, 1);
        Assert.Equal(new McNemar(1, 2), McNemar.Of([first], [second]));
    }

    [Fact]
    public void Marks_between_right_and_wrong_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => McNemar.Of([Marks.Of("a", 1, 0.5)], [Marks.Of("a", 1, 1)]));
        Assert.StartsWith("1 of 2 items are marked between right (1) and wrong (0)", error.Message);
    }
}
