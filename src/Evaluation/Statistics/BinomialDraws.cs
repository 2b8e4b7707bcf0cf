using Orca.Streams;

namespace Orca.Evaluation.Statistics;

/// <summary>Draws how many of some trials succeed.</summary>
/// <remarks>By inversion: BINV of V. Kachitvichyanukul and B. W. Schmeiser, Communications of the ACM 31, 1988.</remarks>
internal static class BinomialDraws
{
    // Beyond so many trials the chance of none may be too small for a double; two draws of halves are one of the whole.
    private const int MostTrials = 500;

    /// <summary>How many of <paramref name="trials"/> succeed, each with that chance.</summary>
    public static int NextBinomial(this SeededRandom random, int trials, double chance)
    {
        if (chance > 0.5)
        {
            return trials - random.NextBinomial(trials, 1 - chance);
        }

        return trials > MostTrials
            ? random.NextBinomial(trials / 2, chance) + random.NextBinomial(trials - (trials / 2), chance)
            : Invert(random, trials, chance);
    }

    private static int Invert(SeededRandom random, int trials, double chance)
    {
        if (trials == 0 || chance <= 0)
        {
            return 0;
        }

        var odds = chance / (1 - chance);
        var (probability, left, successes) = (Math.Pow(1 - chance, trials), random.NextDouble(), 0);
        while (left > probability && successes < trials)
        {
            left -= probability;
            successes++;
            probability *= odds * (trials + 1 - successes) / successes;
        }

        return successes;
    }
}
