namespace Orca.Cli.Bench;

/// <summary>
/// Tells whether times were stretched by whole slices of the scheduler: who shares a processor waits for its neighbour in
/// steps of 4 ms, and its times crowd just there. Finds a neighbour that is too brief for <see cref="CoreGuard"/>.
/// </summary>
internal static class SliceDetector
{
    /// <summary>A slice of Linux's scheduler on a busy machine, in seconds.</summary>
    public const double Slice = 0.004;

    // Half a millisecond of four is an eighth of all places: by chance few stand there.
    private const double Tolerance = 0.000_25;

    private const int FewestStretched = 8;

    /// <summary>Whether most of the times that are stretched are so by whole slices.</summary>
    /// <param name="seconds">Times of equal pieces of work.</param>
    public static bool IsSliced(IReadOnlyCollection<double> seconds)
    {
        if (seconds.Count < FewestStretched)
        {
            return false;
        }

        var usual = Percentiles.Of(seconds)[50];
        var stretches = seconds.Select(time => time - usual).Where(excess => excess > Slice - Tolerance).ToList();
        var whole = stretches.Count(excess => Math.Abs(excess - (Math.Round(excess / Slice) * Slice)) <= Tolerance);
        return stretches.Count >= FewestStretched && whole > 0.5 * stretches.Count;
    }
}
