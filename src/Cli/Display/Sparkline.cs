namespace Orca.Cli.Display;

/// <summary>Draws numbers as a row of bars.</summary>
internal static class Sparkline
{
    private const string Bars = "▁▂▃▄▅▆▇█";
    private const string AsciiBars = "_.-:=+*#";

    /// <summary>One bar a column, each the mean of its share of the numbers, scaled between the least and the greatest column.</summary>
    /// <param name="numbers">The numbers, oldest first.</param>
    /// <param name="columns">Columns there are at most.</param>
    /// <param name="unicode">Whether the terminal can show more than ASCII.</param>
    public static string Draw(IReadOnlyList<double> numbers, int columns, bool unicode = true)
    {
        var width = Math.Min(columns, numbers.Count);
        if (width <= 0)
        {
            return "";
        }

        var bars = unicode ? Bars : AsciiBars;
        var means = Enumerable.Range(0, width).Select(column => Mean(numbers, column, width)).ToArray();
        var (low, span) = (means.Min(), Math.Max(means.Max() - means.Min(), 1e-12));
        return string.Concat(means.Select(mean => bars[(int)Math.Round((mean - low) / span * (bars.Length - 1))]));
    }

    private static double Mean(IReadOnlyList<double> numbers, int column, int width)
    {
        var from = column * numbers.Count / width;
        var to = Math.Max(from + 1, (column + 1) * numbers.Count / width);
        return Enumerable.Range(from, to - from).Average(i => numbers[i]);
    }
}
