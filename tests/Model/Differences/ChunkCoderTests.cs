using Orca.Model.Differences;

namespace Orca.Model.Tests.Differences;

public sealed class ChunkCoderTests : IDisposable
{
    private readonly ChunkCoder coder = new();

    public static TheoryData<int> Widths => [1, 2, 4, 8];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Any_bits_come_back_whatever_was_expected(int width)
    {
        var random = new Random(width);
        var (values, predicted) = (new byte[8_000], new byte[8_000]);
        random.NextBytes(values);
        random.NextBytes(predicted);
        foreach (var expected in new[] { [], predicted, values })
        {
            var found = new byte[values.Length];
            Assert.True(coder.Unpack(coder.Pack(values, expected, width), expected, width, found));
            Assert.Equal(values, found);
        }
    }

    [Fact]
    public void Values_as_expected_take_next_to_no_room_and_values_beside_them_little()
    {
        var random = new Random(1);
        var values = new byte[1 << 20];
        random.NextBytes(values);
        var near = (byte[])values.Clone();
        for (var i = 0; i < near.Length; i += 2)
        {
            var moved = (ushort)(BitConverter.ToUInt16(near, i) + random.Next(-2, 3));
            BitConverter.TryWriteBytes(near.AsSpan(i), moved);
        }

        Assert.InRange(coder.Pack(values, values, 2).Length, 1, values.Length / 1000);
        // Five distances that are equally likely need 2.3 of the 16 bits.
        Assert.InRange(coder.Pack(near, values, 2).Length, 1, values.Length / 5);
    }

    [Fact]
    public void A_damaged_frame_is_told()
    {
        var values = new byte[1_000];
        new Random(2).NextBytes(values);
        var packed = coder.Pack(values, [], 1);
        Assert.False(coder.Unpack(packed.AsSpan(0, packed.Length / 2), [], 1, new byte[1_000]));
        Assert.False(coder.Unpack(packed, [], 1, new byte[999]));
        Assert.False(coder.Unpack(packed, [], 1, new byte[1_001]));
        Assert.False(coder.Unpack(new byte[20], [], 1, new byte[1_000]));
    }

    public void Dispose() => coder.Dispose();
}
