using Orca.Cli.Bench;
using Orca.Cli.Commands;

namespace Orca.Cli.Tests.Bench;

/// <summary>What load is put on the server.</summary>
public sealed class LoadPlanTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(40)]
    public void Arrivals_are_a_Poisson_process_of_the_rate(double rate)
    {
        const int count = 200_000;
        var times = Arrivals.Poisson(rate, new Random(1)).Take(count).Select(time => time.TotalSeconds).ToArray();
        var gaps = times.Zip(times.Skip(1), (before, after) => after - before).ToArray();

        // Exponential gaps: mean and deviation are both 1/rate, and e^-1 of them are longer than the mean.
        var mean = gaps.Average();
        var deviation = Math.Sqrt(gaps.Average(gap => (gap - mean) * (gap - mean)));
        Assert.InRange(mean * rate, 0.99, 1.01);
        Assert.InRange(deviation * rate, 0.98, 1.02);
        Assert.InRange(gaps.Count(gap => gap * rate > 1) / (double)gaps.Length, 0.363, 0.373);

        // Counts in windows of one mean gap: their variance is their mean, unlike those of evenly spaced arrivals.
        var counts = times.GroupBy(time => (long)(time * rate)).Select(window => window.Count()).ToList();
        var windows = (int)(times[^1] * rate) + 1;
        var meanCount = (double)count / windows;
        var variance = (counts.Sum(n => (n - meanCount) * (n - meanCount)) + ((windows - counts.Count) * meanCount * meanCount)) / windows;
        Assert.InRange(variance / meanCount, 0.97, 1.03);
    }

    [Fact]
    public void The_same_seed_gives_the_same_arrivals() =>
        Assert.Equal(Arrivals.Poisson(3, new Random(5)).Take(50), Arrivals.Poisson(3, new Random(5)).Take(50));

    [Theory]
    [InlineData("64", 64, 64)]
    [InlineData("32-512", 32, 512)]
    public void Lengths_are_a_number_or_a_range(string text, int least, int most) =>
        Assert.Equal(new LengthRange(least, most), LengthRange.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("5-3")]
    [InlineData("-5")]
    [InlineData("1-2-3")]
    [InlineData("many")]
    public void What_is_no_length_is_none(string text) => Assert.Null(LengthRange.Parse(text));

    [Fact]
    public void Drawn_lengths_fill_their_range()
    {
        var lengths = TokenLengths.Drawn(new LengthRange(3, 6), new LengthRange(9, 9));
        var random = new Random(1);
        var shapes = Enumerable.Range(0, 500).Select(_ => lengths.Next(random)).ToList();
        Assert.Equal([3, 4, 5, 6], shapes.Select(shape => shape.PromptTokens).Distinct().Order());
        Assert.All(shapes, shape => Assert.Equal(9, shape.AnswerTokens));
    }

    [Fact]
    public void Lengths_from_a_file_are_taken_in_its_order_over_and_over()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "10 20\n\n30,40\n");
            var lengths = TokenLengths.FromFile(file);
            var random = new Random(1);
            Assert.Equal(
                [new(10, 20), new(30, 40), new RequestShape(10, 20)], [lengths.Next(random), lengths.Next(random), lengths.Next(random)]);

            File.WriteAllText(file, "10 20\nten\n");
            Assert.Contains("Line 2 of", Assert.Throws<CommandException>(() => TokenLengths.FromFile(file)).Message);
            File.WriteAllText(file, "\n");
            Assert.Throws<CommandException>(() => TokenLengths.FromFile(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Reloads_are_paced_by_seconds_or_by_requests()
    {
        Assert.Equal(new ReloadPace(TimeSpan.FromSeconds(0.5), 0), ReloadPace.Parse("0.5"));
        Assert.Equal(new ReloadPace(null, 20), ReloadPace.Parse("20r"));
        Assert.All(["", "r", "0", "-1", "0r", "often"], text => Assert.Null(ReloadPace.Parse(text)));
    }
}
