using Orca.Training.Packing;

namespace Orca.Training.Tests.Packing;

public sealed class BestFitTests
{
    [Fact]
    public void Finds_the_sum_that_every_subset_was_tried_for()
    {
        var random = new Random(1);
        for (var trial = 0; trial < 300; trial++)
        {
            var lengths = Enumerable.Range(0, random.Next(0, 10)).Select(_ => random.Next(1, 40)).ToArray();
            var space = random.Next(0, 80);

            var chosen = BestFit.Choose(lengths, space);

            Assert.Equal(chosen.Distinct().Order(), chosen);
            Assert.Equal(BestSum(lengths, space), chosen.Sum(index => lengths[index]));
        }
    }

    [Fact]
    public void Prefers_longer_lengths_and_then_earlier_ones()
    {
        Assert.Equal([2], BestFit.Choose([4, 4, 8, 8, 2], 8));
        Assert.Equal([0, 1], BestFit.Choose([4, 4, 4], 9));
    }

    private static int BestSum(int[] lengths, int space) => Enumerable.Range(0, 1 << lengths.Length)
        .Select(subset => lengths.Where((_, index) => (subset >> index & 1) == 1).Sum())
        .Where(sum => sum <= space)
        .Max();
}
