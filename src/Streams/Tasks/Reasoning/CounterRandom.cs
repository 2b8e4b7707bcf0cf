namespace Orca.Streams.Tasks.Reasoning;

/// <summary>
/// Random numbers from a key made of a seed and a counter: starting the sequence of any counter costs nothing, so instance number n can
/// be drawn without drawing the ones before it.
/// </summary>
internal sealed class CounterRandom(long seed, long counter) : Random(0)
{
    private readonly SeededRandom random = SeededRandom.At(seed, counter);

    public override int Next() => Next(int.MaxValue);

    public override int Next(int maxValue) => Next(0, maxValue);

    public override int Next(int minValue, int maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minValue, maxValue);
        var range = (ulong)((long)maxValue - minValue);
        return (int)(minValue + (long)Math.BigMul(random.NextBits(), range, out _));
    }

    public override double NextDouble() => Sample();

    protected override double Sample() => random.NextDouble();
}
