using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Orca.Model.Weights;

namespace Orca.Model.Tests.Weights;

public class NonFiniteScanTests
{
    [Theory]
    [InlineData("F64")]
    [InlineData("F32")]
    [InlineData("F16")]
    [InlineData("BF16")]
    public void Every_infinite_value_and_every_NaN_is_counted_wherever_it_stands(string dtype)
    {
        var random = new Random(1);
        for (var length = 0; length < 80; length++)
        {
            var values = Enumerable.Range(0, length).Select(_ => Value(random)).ToArray();
            Assert.Equal(values.Count(value => !double.IsFinite(value)), NonFiniteScan.Count(dtype, Bytes(dtype, values)));
        }
    }

    [Theory]
    [InlineData("Q8_0", 34, 0)]
    [InlineData("Q4_0", 18, 0)]
    [InlineData("Q6_K", 210, 208)]
    [InlineData("Q5_0", 22, 0)]
    public void Quantised_blocks_are_judged_by_their_scale_alone(string dtype, int blockBytes, int at)
    {
        var bytes = Enumerable.Repeat((byte)0xFF, 40 * blockBytes).ToArray();
        for (var block = 0; block < 40; block++)
        {
            BinaryPrimitives.WriteHalfLittleEndian(
                bytes.AsSpan((block * blockBytes) + at), block is 7 or 39 ? Half.NaN : block == 20 ? Half.NegativeInfinity : (Half)0.5f);
        }

        Assert.Equal(3, NonFiniteScan.Count(dtype, bytes));
        Assert.Equal(0, NonFiniteScan.WholeBytes % blockBytes);
    }

    [Theory]
    [InlineData("Q4_1", 20)]
    [InlineData("Q5_1", 24)]
    [InlineData("Q4_K", 144)]
    [InlineData("Q5_K", 176)]
    public void Quantised_blocks_with_minimums_are_judged_by_both(string dtype, int blockBytes)
    {
        var bytes = Enumerable.Repeat((byte)0xFF, 40 * blockBytes).ToArray();
        for (var block = 0; block < 40; block++)
        {
            BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan(block * blockBytes), block is 7 or 39 ? Half.NaN : (Half)0.5f);
            BinaryPrimitives.WriteHalfLittleEndian(
                bytes.AsSpan((block * blockBytes) + 2), block == 20 ? Half.NegativeInfinity : (Half)0.5f);
        }

        Assert.Equal(3, NonFiniteScan.Count(dtype, bytes));
        Assert.Equal(0, NonFiniteScan.WholeBytes % blockBytes);
    }

    [Fact]
    public void Whole_numbers_are_always_finite() =>
        Assert.Equal(0, NonFiniteScan.Count("I32", Enumerable.Repeat((byte)0xFF, 64).ToArray()));

    private static double Value(Random random) => random.Next(12) switch
    {
        0 => double.NaN,
        1 => double.PositiveInfinity,
        2 => double.NegativeInfinity,
        3 => 0,
        4 => 65_504, // the largest half
        5 => 6e-8, // a denormal half
        _ => random.NextDouble() - 0.5,
    };

    private static byte[] Bytes(string dtype, double[] values) => dtype switch
    {
        "F64" => MemoryMarshal.AsBytes<double>(values).ToArray(),
        "F32" => MemoryMarshal.AsBytes<float>([.. values.Select(value => (float)value)]).ToArray(),
        "F16" => MemoryMarshal.AsBytes<Half>([.. values.Select(value => (Half)value)]).ToArray(),
        _ => MemoryMarshal.AsBytes<ushort>([.. values.Select(value => (ushort)(BitConverter.SingleToUInt32Bits((float)value) >> 16))]).ToArray(),
    };
}
