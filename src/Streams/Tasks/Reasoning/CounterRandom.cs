namespace Orca.Streams.Tasks.Reasoning;

/// <summary>
/// Random numbers by SplitMix64 from a key made of a seed and a counter: starting the sequence of any counter costs
/// nothing, so instance number n can be drawn without drawing the ones before it.
/// </summary>
internal sealed class CounterRandom(long seed, long counter) : Random(0)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong state = Mix(Mix((ulong)seed + Golden) + (ulong)counter * Golden);

    public override int Next() => Next(int.MaxValue);

    public override int Next(int maxValue) => Next(0, maxValue);

    public override int Next(int minValue, int maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minValue, maxValue);
        var range = (ulong)((long)maxValue - minValue);
        return (int)(minValue + (long)Math.BigMul(NextBits(), range, out _));
    }

    public override double NextDouble() => Sample();

    protected override double Sample() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    private ulong NextBits() => Mix(state += Golden);

    private static ulong Mix(ulong bits)
    {
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }
}
