using Microsoft.Extensions.Time.Testing;
using Orca.Cli.Display;

namespace Orca.Cli.Tests.Display;

public sealed class SeriesTests
{
    [Fact]
    public void A_long_run_keeps_its_shape_in_bounded_memory()
    {
        var series = new Series();
        for (var i = 0; i < 100_000; i++)
        {
            series.Add(i);
        }

        Assert.InRange(series.Numbers.Length, 256, 512);
        Assert.Equal(series.Numbers.Order(), series.Numbers);
        Assert.InRange(series.Numbers[^1], 99_000, 100_000);
    }

    [Fact]
    public void A_rate_looks_back_over_its_span_alone()
    {
        var clock = new FakeTimeProvider();
        var rate = new RateWindow(clock, TimeSpan.FromSeconds(10));
        Assert.Equal(0, rate.Note(0));
        for (var second = 1; second <= 20; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(5, rate.Note(second * 5), 6);
        }

        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(0, rate.Note(100));
    }
}
