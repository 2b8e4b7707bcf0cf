using CsCheck;
using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Tests.Statistics;

public sealed class HolmTests
{
    [Fact]
    public void Adjusts_as_Rs_p_adjust_in_the_order_given()
    {
        var adjusted = Holm.Adjust([("a", 0.01), ("b", 0.04), ("c", 0.03), ("d", 0.005)]);
        Assert.Equal(["a", "b", "c", "d"], adjusted.Select(test => test.Name));
        double[] expected = [0.03, 0.06, 0.06, 0.02];
        Assert.All(adjusted.Zip(expected), pair => Assert.Equal(pair.Second, pair.First.Adjusted, 1e-12));
    }

    [Fact]
    public void Lies_between_the_p_itself_and_Bonferronis_and_keeps_their_order()
    {
        Gen.Double[0, 1].Array[1, 20].Sample(values =>
        {
            var adjusted = Holm.Adjust([.. values.Select((p, i) => ($"{i}", p))]);
            Assert.All(adjusted, test => Assert.InRange(test.Adjusted, test.P, Math.Min(1, values.Length * test.P)));
            var ordered = adjusted.OrderBy(test => test.P).Select(test => test.Adjusted).ToArray();
            Assert.Equal(ordered.Order(), ordered);
        });
    }

    [Fact]
    public void What_is_no_p_is_refused()
    {
        Assert.Contains("'b'", Assert.Throws<ArgumentException>(() => Holm.Adjust([("a", 0.1), ("b", double.NaN)])).Message);
        Assert.Empty(Holm.Adjust([]));
    }
}
