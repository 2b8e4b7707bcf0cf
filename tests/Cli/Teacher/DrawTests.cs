using Orca.Cli.Teacher;

namespace Orca.Cli.Tests.Teacher;

public sealed class DrawTests
{
    [Fact]
    public void A_draw_depends_on_all_that_names_it_and_on_nothing_else()
    {
        var draw = new Draw(1, "question", 0);
        Assert.Equal(draw.Uniform("latency"), new Draw(1, "question", 0).Uniform("latency"));
        var others = new[] { draw with { Seed = 2 }, draw with { Question = "other" }, draw with { Turn = 1 } };
        Assert.All(others, other => Assert.NotEqual(draw.Uniform("latency"), other.Uniform("latency")));
        Assert.NotEqual(draw.Uniform("latency"), draw.Uniform("fault 0"));
    }

    [Fact]
    public void Normal_draws_have_mean_0_and_deviation_1()
    {
        var draws = Enumerable.Range(0, 10_000).Select(turn => new Draw(1, "q", turn).Normal("latency")).ToList();
        Assert.InRange(draws.Average(), -0.04, 0.04);
        Assert.InRange(Math.Sqrt(draws.Average(draw => draw * draw)), 0.96, 1.04);
        Assert.InRange(draws.Count(draw => Math.Abs(draw) < 1) / 10_000.0, 0.66, 0.70);
    }

    [Fact]
    public void Tokens_are_four_bytes_the_last_one_begun()
    {
        Assert.Equal([0, 1, 1, 2], new[] { "", "a", "abcd", "abcde" }.Select(Tokens.Of));
        Assert.Equal("abcd", Tokens.First("abcdefgh", 1));

        // Three bytes and four: the second has no room.
        Assert.Equal("€", Tokens.First("€🦈", 1));
    }
}
