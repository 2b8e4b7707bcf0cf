namespace Orca.Evaluation.Statistics;

/// <summary>The random numbers of one resample, found from seed and number alone, so that resamples may be drawn in any order.</summary>
/// <remarks>SplitMix64 with Sebastiano Vigna's constants, https://prng.di.unimi.it/splitmix64.c (public domain).</remarks>
internal struct ResampleRandom(long seed, long resample)
{
    private const ulong Step = 0x9E3779B97F4A7C15;

    private ulong _state = Mix(Mix((ulong)seed + Step) + ((ulong)resample * Step));

    /// <summary>0 up to, not including, <paramref name="bound"/>.</summary>
    public int Next(int bound) => (int)Math.BigMul(NextBits(), (ulong)bound, out _);

    /// <summary>0 up to, not including, 1.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>How many of <paramref name="trials"/> succeed, each with that chance.</summary>
    /// <remarks>By inversion: BINV of V. Kachitvichyanukul and B. W. Schmeiser, Communications of the ACM 31, 1988.</remarks>
    public int NextBinomial(int trials, double chance)
    {
        if (chance > 0.5)
        {
            return trials - NextBinomial(trials, 1 - chance);
        }

        // Beyond 500 trials the chance of none may be too small for a double; two draws of halves are one of the whole.
        return trials > 500 ? NextBinomial(trials / 2, chance) + NextBinomial(trials - (trials / 2), chance) : Invert(trials, chance);
    }

    private int Invert(int trials, double chance)
    {
        if (trials == 0 || chance <= 0)
        {
            return 0;
        }

        var odds = chance / (1 - chance);
        var (probability, left, successes) = (Math.Pow(1 - chance, trials), NextDouble(), 0);
        while (left > probability && successes < trials)
        {
            left -= probability;
            successes++;
            probability *= odds * (trials + 1 - successes) / successes;
        }

        return successes;
    }

    private static ulong Mix(ulong bits)
    {
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }

    private ulong NextBits()
    {
        _state += Step;
        return Mix(_state);
    }
}
