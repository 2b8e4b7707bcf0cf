namespace Orca.Cli.Display;

/// <summary>Draws numbers over time as columns of blocks.</summary>
internal static class TimeChart
{
    private const string Bars = " ▁▂▃▄▅▆▇█";
    private const int Eighths = 8;

    /// <summary>
    /// The lines of a chart, highest first: one column for each equal part of the time, as high as the mean of its numbers between the
    /// least and the greatest.
    /// </summary>
    /// <param name="points">The numbers in the order of their times.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="rows">Lines.</param>
    /// <param name="isKept">Whether a number holds until the next one; else columns without numbers are empty.</param>
    public static IReadOnlyList<string> Draw(
        IReadOnlyList<(DateTimeOffset Time, double Value)> points, int columns, int rows, bool isKept = false)
    {
        var means = Means(points, columns);
        for (var column = 1; isKept && column < columns; column++)
        {
            means[column] ??= means[column - 1];
        }

        var known = means.OfType<double>().ToList();
        if (known.Count == 0)
        {
            return [.. Enumerable.Repeat(new string(' ', columns), rows)];
        }

        var (low, span) = (known.Min(), Math.Max(known.Max() - known.Min(), 1e-12));
        var heights = means.Select(mean => mean is { } value ? 1 + (int)Math.Round((value - low) / span * ((rows * Eighths) - 1)) : 0)
            .ToArray();
        return
        [
            .. Enumerable.Range(0, rows).Select(row => string.Concat(
                heights.Select(height => Bars[Math.Clamp(height - ((rows - 1 - row) * Eighths), 0, Eighths)]))),
        ];
    }

    /// <summary>The column that a time is in; null where it is outside.</summary>
    public static int? ColumnOf(IReadOnlyList<(DateTimeOffset Time, double Value)> points, DateTimeOffset time, int columns)
    {
        if (points.Count == 0 || time < points[0].Time || time > points[^1].Time)
        {
            return null;
        }

        var whole = points[^1].Time - points[0].Time;
        return whole > TimeSpan.Zero ? Math.Min(columns - 1, (int)((time - points[0].Time) / whole * columns)) : 0;
    }

    private static double?[] Means(IReadOnlyList<(DateTimeOffset Time, double Value)> points, int columns)
    {
        var (sums, counts) = (new double[columns], new int[columns]);
        foreach (var (time, value) in points)
        {
            var column = ColumnOf(points, time, columns) ?? 0;
            sums[column] += value;
            counts[column]++;
        }

        return [.. sums.Zip(counts, (sum, count) => count > 0 ? sum / count : (double?)null)];
    }
}
