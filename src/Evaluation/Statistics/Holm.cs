namespace Orca.Evaluation.Statistics;

/// <summary>One of several tests made together.</summary>
/// <param name="Name">What was tested.</param>
/// <param name="P">Its own p.</param>
/// <param name="Adjusted">Its p with regard to all: those at 0.05 or less hold with 5 % risk of any false alarm among them.</param>
public readonly record struct AdjustedP(string Name, double P, double Adjusted);

/// <summary>Corrects the p values of several tests made together, whatever their dependence.</summary>
/// <remarks>S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6, 1979.</remarks>
public static class Holm
{
    /// <summary>The adjusted p of each, in the order given.</summary>
    /// <exception cref="ArgumentException">A p is not within 0 to 1.</exception>
    public static IReadOnlyList<AdjustedP> Adjust(IReadOnlyList<(string Name, double P)> tests)
    {
        if (tests.Any(test => !(test.P is >= 0 and <= 1)))
        {
            var bad = tests.First(test => !(test.P is >= 0 and <= 1));
            throw new ArgumentException($"Test '{bad.Name}' has a p of {bad.P}; p values are 0 to 1.", nameof(tests));
        }

        var adjusted = new AdjustedP[tests.Count];
        var (largest, left) = (0.0, tests.Count);
        foreach (var index in Enumerable.Range(0, tests.Count).OrderBy(index => tests[index].P))
        {
            largest = Math.Max(largest, Math.Min(1, left-- * tests[index].P));
            adjusted[index] = new AdjustedP(tests[index].Name, tests[index].P, largest);
        }

        return adjusted;
    }
}
