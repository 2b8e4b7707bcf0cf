using Orca.Cli.Collecting;
using Orca.Streams.Collecting;

namespace Orca.Cli.Tests.Collecting;

public sealed class CollectionForecastTests
{
    private const int Sampled = 50;
    private const int Wanted = 10_000;

    [Theory]
    [InlineData(0.9, 0.3)]
    [InlineData(0.9, 0.5)]
    [InlineData(0.7, 0.4)]
    [InlineData(0.5, 0.2)]
    public void What_is_spent_in_the_end_lies_in_the_interval_in_920_of_1000_runs(double yield, double spread)
    {
        var inside = Enumerable.Range(0, 1000).Count(seed =>
        {
            var random = new Random(seed);
            var (forecast, spent) = Preview(random, yield, spread);
            var cost = forecast.Cost!.Value;
            return Finish(random, yield, spread, forecast.Accepted, spent) is var final && final >= cost.Low && final <= cost.High;
        });
        TestContext.Current.SendDiagnosticMessage($"yield {yield}, spread {spread}: {inside} of 1,000 inside");
        Assert.InRange(inside, 920, 1000);
    }

    [Theory]
    [InlineData(0.9, 0.3)]
    [InlineData(0.9, 0.5)]
    [InlineData(0.7, 0.4)]
    [InlineData(0.5, 0.2)]
    public void The_interval_is_within_a_fifth(double yield, double spread)
    {
        var widths = Enumerable.Range(0, 1000).Select(seed => Preview(new Random(seed), yield, spread).Forecast.Cost!.Value.Precision);
        TestContext.Current.SendDiagnosticMessage($"yield {yield}, spread {spread}: within {widths.Max():P1}");
        Assert.InRange(widths.Max(), 0.05, 0.2);
    }

    [Fact]
    public void Alike_questions_need_no_more_than_were_asked_and_those_of_which_none_was_accepted_twice_as_many()
    {
        var (alike, none) = (Enumerable.Repeat(new SampledCandidate(true, 0.02, 1), 50).ToList(),
            Enumerable.Repeat(new SampledCandidate(false, 0.02, 1), 50).ToList());
        var goal = new CollectionGoal { Accept = 1_000 };
        Assert.InRange(new CollectionForecast(alike, goal).SampleFor(0.2), 0, 50);
        Assert.Equal(100, new CollectionForecast(none, goal).SampleFor(0.2));
    }

    [Fact]
    public void The_yield_and_the_number_of_candidates_are_those_of_the_sample()
    {
        var sample = Enumerable.Range(0, 100).Select(i => new SampledCandidate(i % 5 != 0, 0.01, 2)).ToList();

        var forecast = new CollectionForecast(sample, new CollectionGoal { Accept = 1_000 });

        // Wilson for 80 of 100, by hand.
        Assert.Equal((0.711, 0.8, 0.867), (Round(forecast.Yield.Low), Round(forecast.Yield.Expected), Round(forecast.Yield.High)));
        Assert.Equal(1_250, forecast.Candidates!.Value.Expected, 6);
        Assert.Equal(12.50, forecast.Cost!.Value.Expected, 6);
        Assert.Equal(2_500, forecast.Seconds!.Value.Expected, 6);
    }

    [Fact]
    public void Where_the_number_of_candidates_is_less_than_the_accepted_need_it_decides()
    {
        var sample = Enumerable.Range(0, 50).Select(i => new SampledCandidate(i % 2 == 0, 0.02, 1)).ToList();

        var forecast = new CollectionForecast(sample, new CollectionGoal { Accept = 1_000, Candidates = 200 });

        Assert.Equal(new Estimate(200, 200, 200), forecast.Candidates);
        Assert.Equal(4, forecast.Cost!.Value.Expected, 6);
    }

    [Fact]
    public void Where_nothing_was_accepted_no_end_is_told_unless_candidates_bound_it()
    {
        var sample = Enumerable.Repeat(new SampledCandidate(false, 0.02, 1), 50).ToList();

        Assert.Null(new CollectionForecast(sample, new CollectionGoal { Accept = 10 }).Cost);
        Assert.Equal(2, new CollectionForecast(sample, new CollectionGoal { Accept = 10, Candidates = 100 }).Cost!.Value.Expected, 6);
    }

    [Fact]
    public void Where_the_sample_is_the_whole_it_is_what_was_spent()
    {
        var sample = Enumerable.Repeat(new SampledCandidate(true, 0.02, 1), 50).ToList();

        Assert.Equal(1, new CollectionForecast(sample, new CollectionGoal { Accept = 50 }).Cost!.Value.High, 6);
    }

    // As the command does it: more are asked while the price is not within a fifth.
    private static (CollectionForecast Forecast, double Spent) Preview(Random random, double yield, double spread)
    {
        var (sample, goal, wanted) = (new List<SampledCandidate>(), new CollectionGoal { Accept = Wanted }, Sampled);
        while (sample.Count < wanted)
        {
            sample.AddRange(Enumerable.Range(sample.Count, wanted - sample.Count)
                .Select(_ => new SampledCandidate(random.NextDouble() < yield, Price(random, spread), 1)));
            wanted = Math.Min(5 * Sampled, new CollectionForecast(sample, goal).SampleFor(0.2));
        }

        return (new CollectionForecast(sample, goal), sample.Sum(candidate => candidate.Cost));
    }

    // The rest of the run, question by question.
    private static double Finish(Random random, double yield, double spread, int accepted, double spent)
    {
        while (accepted < Wanted)
        {
            spent += Price(random, spread);
            accepted += random.NextDouble() < yield ? 1 : 0;
        }

        return spent;
    }

    // Log-normal about one cent, as lengths of answers are: most are short, some are long.
    private static double Price(Random random, double spread)
    {
        var sigma = Math.Sqrt(Math.Log(1 + (spread * spread)));
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return 0.01 * Math.Exp((sigma * normal) - (sigma * sigma / 2));
    }

    private static double Round(double share) => Math.Round(share, 3);
}
