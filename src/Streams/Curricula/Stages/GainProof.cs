using System.Collections.Immutable;

namespace Orca.Streams.Curricula.Stages;

/// <summary>
/// Whether the student still gains on held-out questions: the accuracy of the later half of its last examinations less that of the
/// half before, with the interval that says how sure that is. A stage may end once the interval has no room for a gain that matters.
/// </summary>
/// <param name="Gain">Difference of the accuracies.</param>
/// <param name="Low">Lower end of its 95 % interval (Newcombe's, from two of Wilson's; Statistics in Medicine 17, 1998, method 10).</param>
/// <param name="High">Upper end.</param>
/// <param name="From">Step of the first examination that counts.</param>
/// <param name="To">Step of the last one.</param>
public sealed record GainProof(double Gain, double Low, double High, long From, long To)
{
    private const double Z = 1.959963985;

    /// <summary>Compares the halves of the last examinations.</summary>
    /// <param name="examinations">Of one stage, in order.</param>
    /// <param name="window">How many count, 2 or more.</param>
    /// <returns>Null while there are fewer.</returns>
    public static GainProof? Of(ImmutableArray<Examined> examinations, int window)
    {
        if (examinations.Length < window || window < 2)
        {
            return null;
        }

        var last = examinations[^window..];
        var (before, after) = (Pooled(last[..(window / 2)]), Pooled(last[(window / 2)..]));
        if (before.Asked == 0 || after.Asked == 0)
        {
            return null;
        }

        var ((p1, l1, u1), (p2, l2, u2)) = (Wilson(before), Wilson(after));
        var gain = p2 - p1;
        return new GainProof(
            gain, gain - Math.Sqrt(Square(p2 - l2) + Square(u1 - p1)), gain + Math.Sqrt(Square(u2 - p2) + Square(p1 - l1)),
            last[0].Step, last[^1].Step);
    }

    /// <summary>Whether a gain of this size or more is ruled out.</summary>
    public bool HasFlattened(double gain) => High < gain;

    private static (long Right, long Asked) Pooled(ImmutableArray<Examined> examinations) =>
        (examinations.Sum(one => (long)one.Right), examinations.Sum(one => (long)one.Asked));

    private static (double Share, double Low, double High) Wilson((long Right, long Asked) counts)
    {
        var (n, p) = ((double)counts.Asked, counts.Right / (double)counts.Asked);
        var (centre, half, scale) = (p + (Z * Z / (2 * n)), Z * Math.Sqrt((p * (1 - p) / n) + (Z * Z / (4 * n * n))), 1 + (Z * Z / n));
        return (p, (centre - half) / scale, (centre + half) / scale);
    }

    private static double Square(double value) => value * value;
}
