namespace Orca.Cli.Bench;

/// <summary>Every sample of a measurement in order. Its percentiles are samples that occurred, never values between.</summary>
internal sealed class Percentiles
{
    private readonly double[] _sorted;

    private Percentiles(double[] sorted) => _sorted = sorted;

    /// <summary>Samples.</summary>
    public int Count => _sorted.Length;

    /// <summary>The largest; NaN where there is none.</summary>
    public double Max => Count == 0 ? double.NaN : _sorted[^1];

    /// <summary>The mean; NaN where there is none.</summary>
    public double Mean => Count == 0 ? double.NaN : _sorted.Average();

    /// <summary>
    /// The smallest sample that at least this share of the samples does not exceed (the nearest rank); NaN where there is
    /// none. With fewer than 100 samples the 99th is the largest.
    /// </summary>
    /// <param name="percent">Above 0, to 100.</param>
    public double this[double percent] => Count == 0
        ? double.NaN
        : _sorted[Math.Clamp((int)Math.Ceiling(percent / 100 * Count) - 1, 0, Count - 1)];

    /// <summary>Sorts samples; none may be NaN.</summary>
    public static Percentiles Of(IEnumerable<double> samples)
    {
        var sorted = samples.ToArray();
        Array.Sort(sorted);
        return new Percentiles(sorted);
    }
}
