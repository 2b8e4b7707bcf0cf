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
    public void The_newest_number_shows_at_once_also_after_days()
    {
        var series = new Series();
        for (var i = 0; i < 512 * 64; i++)
        {
            series.Add(1);
        }

        series.Add(9);
        Assert.Equal(9, series.Numbers[^1]);
    }

    [Fact]
    public void What_waits_to_become_a_mean_takes_no_memory()
    {
        var series = new Series();
        Add(series, 1_500_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Add(series, 4_500_000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    private static void Add(Series series, int numbers)
    {
        for (var i = 0; i < numbers; i++)
        {
            series.Add(i);
        }
    }
}
