namespace Orca.Cli.Bench;

/// <summary>When requests arrive that do not wait for each other.</summary>
internal static class Arrivals
{
    /// <summary>A Poisson process: times since the start, in order, without end; the gaps are independent and exponential.</summary>
    /// <param name="rate">Requests a second, above 0.</param>
    /// <param name="random">Draws the gaps.</param>
    public static IEnumerable<TimeSpan> Poisson(double rate, Random random)
    {
        var seconds = 0.0;
        while (true)
        {
            // NextDouble is below 1, so the logarithm is finite.
            seconds -= Math.Log(1 - random.NextDouble()) / rate;
            yield return TimeSpan.FromSeconds(seconds);
        }
    }
}
