using Orca.Cli.Display;

namespace Orca.Cli.Tests.Display;

public sealed class TimeChartTests
{
    private static readonly DateTimeOffset Begin = DateTimeOffset.Parse("2026-01-01T12:00:00Z");

    [Fact]
    public void Each_column_is_as_high_as_the_mean_of_its_part_of_the_time()
    {
        var points = Points((0, 0), (10, 0), (30, 15), (35, 15), (40, 15));

        Assert.Equal(["   █", "▁▁ █"], TimeChart.Draw(points, columns: 4, rows: 2));
        Assert.Equal(["   █", "▁▁▁█"], TimeChart.Draw(points, columns: 4, rows: 2, isKept: true));
    }

    [Fact]
    public void One_number_and_none_are_drawn_too()
    {
        Assert.Equal(["▁   "], TimeChart.Draw(Points((0, 5)), columns: 4, rows: 1));
        Assert.Equal(["    ", "    "], TimeChart.Draw([], columns: 4, rows: 2));
    }

    [Fact]
    public void A_time_is_in_the_column_of_its_part_and_in_none_outside()
    {
        var points = Points((0, 1), (40, 1));

        Assert.Equal(
            new int?[] { null, 0, 1, 3, 3, null },
            new[] { -1, 0, 10, 39, 40, 41 }.Select(second => TimeChart.ColumnOf(points, Begin.AddSeconds(second), 4)));
    }

    private static List<(DateTimeOffset Time, double Value)> Points(params (int Second, double Value)[] points) =>
        [.. points.Select(point => (Begin.AddSeconds(point.Second), point.Value))];
}
