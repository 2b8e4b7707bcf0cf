namespace Orca.Streams;

/// <summary>SplitMix64: a random generator whose whole state is one number, so that a run can be saved and gone on with.</summary>
/// <remarks>Sebastiano Vigna's constants, https://prng.di.unimi.it/splitmix64.c (public domain). Not for secrets.</remarks>
public sealed class SeededRandom(ulong state)
{
    private const ulong Step = 0x9E3779B97F4A7C15;

    /// <summary>All there is to save.</summary>
    public ulong State { get; private set; } = state;

    /// <summary>A generator whose numbers depend on every one of the <paramref name="seeds"/> and on their order.</summary>
    public static SeededRandom Of(params ReadOnlySpan<long> seeds)
    {
        var state = 0UL;
        foreach (var seed in seeds)
        {
            state = Mix(state + Step + (ulong)seed);
        }

        return new SeededRandom(state);
    }

    /// <summary>The generator of a counter's own sequence, which can be started without those before it.</summary>
    public static SeededRandom At(long seed, long counter) => new(Mix(Mix((ulong)seed + Step) + ((ulong)counter * Step)));

    /// <summary>The next 64 random bits.</summary>
    public ulong NextBits()
    {
        State += Step;
        return Mix(State);
    }

    /// <summary>0 up to, not including, <paramref name="bound"/>; every value equally likely to within bound / 2^64.</summary>
    public int Next(int bound) => (int)Next((long)bound);

    /// <inheritdoc cref="Next(int)"/>
    public long Next(long bound) => (long)Math.BigMul(NextBits(), (ulong)bound, out _);

    /// <summary>0 up to, not including, 1.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Puts <paramref name="items"/> in random order (Fisher and Yates).</summary>
    public void Shuffle(Span<int> items)
    {
        for (var last = items.Length - 1; last > 0; last--)
        {
            var other = Next(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    private static ulong Mix(ulong bits)
    {
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }
}
