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
}
