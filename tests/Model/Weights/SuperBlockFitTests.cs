using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Orca.Model.Weights;

namespace Orca.Model.Tests.Weights;

public sealed class SuperBlockFitTests(ITestOutputHelper output)
{
    private const int Blocks = 400;

    public static TheoryData<string, float> Distributions => new()
    {
        { "normal", 0.02f },
        { "normal", 1e-4f },
        { "one-sided", 0.02f },
        { "outliers", 0.02f },
    };

    // What every value is rounded to without any fit: a group's steps reach from its least value to its largest.
    [Theory]
    [MemberData(nameof(Distributions))]
    public void The_error_is_smaller_than_that_of_rounding_to_the_nearest_step_of_each_groups_range(string distribution, float deviation)
    {
        var values = Draw(distribution, deviation);
        var error = SquaredError(values, Decoded(values));
        var plain = SquaredError(values, Decoded(values, PlainBlock));
        output.WriteLine($"{distribution} {deviation}: {Math.Sqrt(error / values.Length) / deviation:G4} of the deviation, plain "
            + $"{Math.Sqrt(plain / values.Length) / deviation:G4}");
        Assert.True(error < plain, $"{error} against {plain}");
    }

    [Theory]
    [MemberData(nameof(Distributions))]
    public void Writing_once_more_what_was_read_loses_next_to_nothing(string distribution, float deviation)
    {
        var values = Draw(distribution, deviation);
        var once = Decoded(values);
        Assert.InRange(SquaredError(once, Decoded(once)), 0, 0.1 * SquaredError(values, once));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(-3f)]
    [InlineData(0.5f)]
    [InlineData(1e-30f)]
    public void A_block_of_one_value_has_it_everywhere_as_far_as_scales_reach(float value)
    {
        var values = new float[256];
        values.AsSpan().Fill(value);
        var most = Math.Max(1e-6, Math.Abs(value) / 500);
        Assert.All(Decoded(values), decoded => Assert.InRange(decoded, value - most, value + most));
    }

    [Fact]
    public void Every_value_of_a_group_is_off_by_half_a_step_where_none_is_cut()
    {
        var values = Enumerable.Range(0, 256).Select(i => (i % 16) / 16f).ToArray();
        var decoded = Decoded(values);
        Assert.All(values.Zip(decoded), pair => Assert.InRange(pair.Second, pair.First - (0.51f / 16), pair.First + (0.51f / 16)));
    }

    private static float[] Draw(string distribution, float deviation)
    {
        var random = new Random(3);
        float Normal() => deviation
            * (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return [.. Enumerable.Range(0, 256 * Blocks).Select(i => distribution switch
        {
            "one-sided" => Math.Abs(Normal()),
            "outliers" => Normal() * (i % 97 == 0 ? 8 : 1),
            _ => Normal(),
        })];
    }

    private static float[] Decoded(float[] values) => Decoded(values, (from, to) => RowWriter.Encode(WeightEncoding.Q4_K, from, to));

    private static float[] Decoded(float[] values, Encoder encode)
    {
        var decoded = new float[values.Length];
        var block = new byte[WeightEncoding.Q4_K.BlockBytes()];
        for (var i = 0; i < values.Length; i += 256)
        {
            encode(values.AsSpan(i, 256), block);
            RowValues.Decode(WeightEncoding.Q4_K, block, decoded.AsSpan(i, 256));
        }

        return decoded;
    }

    private static void PlainBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        block.Clear();
        var (scales, minimums) = (new float[8], new float[8]);
        for (var group = 0; group < 8; group++)
        {
            var own = values.Slice(32 * group, 32);
            minimums[group] = -Math.Min(0, TensorPrimitives.Min(own));
            scales[group] = (TensorPrimitives.Max(own) + minimums[group]) / 15;
        }

        var (scale, minimum) = ((Half)(scales.Max() / 63), (Half)(minimums.Max() / 63));
        MemoryMarshal.Write(block, scale);
        MemoryMarshal.Write(block[2..], minimum);
        for (var group = 0; group < 8; group++)
        {
            var s = Six(scales[group], (float)scale);
            var m = Six(minimums[group], (float)minimum);
            if (group < 4)
            {
                block[4 + group] |= (byte)s;
                block[8 + group] |= (byte)m;
            }
            else
            {
                block[8 + group] = (byte)((s & 15) | (m << 4));
                block[group] |= (byte)(s >> 4 << 6);
                block[4 + group] |= (byte)(m >> 4 << 6);
            }

            var (step, low) = ((float)scale * s, (float)minimum * m);
            for (var i = 0; i < 32; i++)
            {
                var quant = step == 0 ? 0 : Math.Clamp((int)MathF.Round((values[(32 * group) + i] + low) / step), 0, 15);
                block[16 + (32 * (group / 2)) + i] |= (byte)(quant << (4 * (group % 2)));
            }
        }
    }

    private static int Six(float value, float unit) => unit == 0 ? 0 : Math.Clamp((int)MathF.Round(value / unit), 0, 63);

    private static double SquaredError(float[] wanted, float[] found) => wanted.Zip(found, (a, b) => ((double)a - b) * (a - b)).Sum();

    private delegate void Encoder(ReadOnlySpan<float> values, Span<byte> block);
}
