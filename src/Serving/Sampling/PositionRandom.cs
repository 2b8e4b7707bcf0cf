namespace Orca.Serving.Sampling;

/// <summary>Random numbers without state: each depends on a seed, a sample and a position alone, whoever shares the batch.</summary>
internal static class PositionRandom
{
    private const ulong GoldenRatio = 0x9E3779B97F4A7C15;

    /// <summary>A number from 0 to below 1, evenly spread.</summary>
    /// <param name="seed">Seed of the request.</param>
    /// <param name="sample">Which of its samples, from 0.</param>
    /// <param name="position">The token's place in the answer, from 0.</param>
    public static double Uniform(ulong seed, int sample, int position)
    {
        var stream = Mix(Mix(seed) + ((ulong)sample * GoldenRatio));
        return (Mix(stream + (((ulong)position + 1) * GoldenRatio)) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>SplitMix64's finalizer: https://prng.di.unimi.it/splitmix64.c</summary>
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
