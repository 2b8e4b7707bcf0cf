using System.Globalization;
using Orca.Training.Parameters;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Training.Tests.Parameters;

/// <summary>What each form of a number keeps, and how it rounds what it cannot keep.</summary>
public sealed class NumberStoreTests : IDisposable
{
    private const int Count = 1024;
    private readonly Rounding random = new(seed: 3, CPU);

    [Fact]
    public void Split_weights_are_exactly_those_of_a_float32_master_and_so_is_what_the_network_computes_with()
    {
        using var master = new MasteredStore(Count, CPU);
        using var split = new SplitStore(Count, CPU);
        var draw = new Random(1);
        var numbers = Enumerable.Range(0, Count)
            .Select(i => BitConverter.Int32BitsToSingle(draw.Next(0x7F00_0000) | (i % 2 << 31))).ToArray();
        // Halfway between two bfloat16 numbers, above an even one and above an odd one, of both signs; and the least numbers.
        int[] edges = [0x3F80_8000, 0x3F81_8000, unchecked((int)0xBF80_8000), unchecked((int)0xBF81_8000), 0x8000, 1, 0];
        edges.Select(BitConverter.Int32BitsToSingle).ToArray().CopyTo(numbers, 0);

        Write(master, numbers, Rounding.Nearest);
        Write(split, numbers, Rounding.Nearest);

        Assert.Equal(numbers, Read(master));
        Assert.Equal(numbers, Read(split));
        Assert.Equal(Numbers.Of(master.Compute_N.alias()), Numbers.Of(split.Compute_N.alias()));
        Assert.All(numbers.Zip(Numbers.Of(split.Compute_N.alias())), pair =>
            Assert.True(Math.Abs(pair.First - pair.Second) <= Math.Abs(pair.First) / 256 + 1e-40));
        Assert.Equal(2 * Count * 2, split.Bytes);
        Assert.Equal(6 * Count, master.Bytes);
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(-1.0)]
    [InlineData(3e-20)]
    public void Random_rounding_of_weights_gives_one_of_both_neighbours_and_the_number_in_the_mean(double about)
    {
        using var store = new RoundedStore(Count, CPU);
        var number = (float)(about * 1.0011);
        var sum = 0.0;
        var seen = new SortedSet<float>();
        for (var step = 1; step <= 400; step++)
        {
            random.Begin(step);
            Write(store, Enumerable.Repeat(number, Count), random);
            var kept = Read(store);
            sum += kept.Sum(value => (double)value);
            seen.UnionWith(kept);
        }

        Assert.Equal(2, seen.Count);
        Assert.InRange(number, seen.Min, seen.Max);
        // Standard deviation of the mean of 409,600 draws: half of the distance over 640.
        var deviation = ((double)seen.Max - seen.Min) / 2 / Math.Sqrt(400.0 * Count);
        Assert.InRange(Math.Abs((sum / (400.0 * Count)) - number), 0, 5 * deviation);
    }

    [Fact]
    public void A_number_that_bfloat16_knows_stays_what_it_is()
    {
        using var store = new RoundedStore(Count, CPU);
        random.Begin(1);
        Write(store, Enumerable.Repeat(-1.5f, Count), random);
        Assert.All(Read(store), value => Assert.Equal(-1.5f, value));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Moments_in_8_bits_are_within_an_eighth_over_four_decades_of_a_block_and_zero_stays_zero(bool signed)
    {
        using var store = new BlockInt8Store(Count, signed, CPU);
        var draw = new Random(2);
        var numbers = Enumerable.Range(0, Count).Select(i =>
            (float)((i % 8 == 3 ? 0 : Math.Pow(10, -4 * draw.NextDouble())) * ((i / 128) + 1e-6) * (signed && i % 3 == 0 ? -1 : 1)))
            .ToArray();

        Write(store, numbers, Rounding.Nearest);

        Assert.All(numbers.Zip(Read(store)), pair =>
        {
            Assert.Equal(Math.Sign(pair.First), Math.Sign(pair.Second));
            Assert.InRange(Math.Abs(pair.First - pair.Second), 0, Math.Abs(pair.First) / 8);
        });
        Assert.Equal(Count + (4 * Count / 128), store.Bytes);
    }

    [Theory]
    [InlineData(true, 0.3)]
    [InlineData(true, -0.011)]
    [InlineData(true, 1e-6)]
    [InlineData(false, 0.3)]
    [InlineData(false, 0.0007)]
    public void Random_rounding_of_moments_gives_the_number_in_the_mean(bool signed, double share)
    {
        using var store = new BlockInt8Store(Count, signed, CPU);
        var numbers = Enumerable.Range(0, Count).Select(i => (float)(i % 128 == 0 ? 2 : 2 * share)).ToArray();
        var sum = 0.0;
        var squares = 0.0;
        for (var step = 1; step <= 400; step++)
        {
            random.Begin(step);
            Write(store, numbers, random);
            foreach (var value in Read(store).Where((_, i) => i % 128 != 0))
            {
                sum += value;
                squares += (double)value * value;
            }
        }

        var draws = 400.0 * Count * 127 / 128;
        var mean = sum / draws;
        var deviation = Math.Sqrt(Math.Max(0, (squares / draws) - (mean * mean)) / draws);
        Assert.InRange(Math.Abs(mean - (2 * share)), 0, (5 * deviation) + 1e-9);
    }

    [Fact]
    public void A_second_moment_far_below_its_block_becomes_the_least_one_never_zero()
    {
        using var store = new BlockInt8Store(Count, signed: false, CPU);
        Write(store, Enumerable.Range(0, Count).Select(i => i % 128 == 0 ? 1f : 1e-20f), Rounding.Nearest);
        Assert.All(Read(store), value => Assert.InRange(value, 1e-5f, 1f));
    }

    [Theory]
    [InlineData(0.98)]
    [InlineData(0.999)]
    public void A_second_moment_decays_though_each_step_is_less_than_what_lies_between_two_codes(double decay)
    {
        using var store = new BlockInt8Store(Count, signed: false, CPU);
        Write(store, Enumerable.Range(0, Count).Select(i => 1f + (i % 128)), Rounding.Nearest);
        var before = Read(store).Sum();
        var steps = (int)(Math.Log(0.1) / Math.Log(decay));
        for (var step = 1; step <= steps; step++)
        {
            random.Begin(step);
            Write(store, Read(store).Select(value => (float)(value * decay)), random);
        }

        Assert.InRange(Read(store).Sum() / before, 0.08, 0.12);
    }

    [Fact]
    public void The_same_seed_and_step_round_alike_and_another_step_otherwise()
    {
        using var again = new Rounding(seed: 3, CPU);
        var (one, same, other) = (Rounded(random, 5), Rounded(again, 5), Rounded(again, 6));
        Assert.Equal(one, same);
        Assert.NotEqual(one, other);

        static float[] Rounded(Rounding rounding, long step)
        {
            using var store = new RoundedStore(Count, CPU);
            rounding.Begin(step);
            Write(store, Enumerable.Repeat(1.003f, Count), rounding);
            return Read(store);
        }
    }

    public void Dispose() => random.Dispose();

    private static float[] Read(NumberStore store) => Numbers.Of(store.Read(0, Count));

    private static void Write(NumberStore store, IEnumerable<float> numbers, Rounding rounding)
    {
        using var tensor = torch.tensor(numbers.ToArray());
        store.Write(0, tensor, rounding);
    }
}
