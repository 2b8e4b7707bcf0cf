using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Orca.Model.Weights;

/// <summary>
/// Takes blocks of 256 values apart: Q4_K, Q5_K and Q6_K, in 8 groups of 32 (their layout: <see cref="WeightEncoding"/>).
/// </summary>
internal static class SuperBlocks
{
    /// <summary>Values of a block.</summary>
    public const int Values = 256;

    /// <summary>Groups of a block.</summary>
    public const int Groups = 8;

    /// <summary>What is taken off the quants of Q6_K.</summary>
    public const int SixBitOffset = 32;

    private const int GroupValues = 32;
    private const int SmallScalesPlace = 4;
    private const int SixBitScalesPlace = 192;
    private const int SixBitScalePlace = 208;

    /// <summary>The block's scale, an fp16's bits.</summary>
    public static ushort Scale(WeightEncoding encoding, ReadOnlySpan<byte> block) =>
        MemoryMarshal.Read<ushort>(block[(encoding == WeightEncoding.Q6_K ? SixBitScalePlace : 0)..]);

    /// <summary>The block's scale of minimums, an fp16's bits; Q6_K has none.</summary>
    public static ushort MinimumScale(ReadOnlySpan<byte> block) => MemoryMarshal.Read<ushort>(block[2..]);

    /// <summary>
    /// Two numbers of a group: of Q4_K and Q5_K its scale and its minimum, 0 to 63; of Q6_K the scales of its first and second 16
    /// values, as signed bytes.
    /// </summary>
    public static (byte First, byte Second) GroupScales(WeightEncoding encoding, ReadOnlySpan<byte> block, int group)
    {
        if (encoding == WeightEncoding.Q6_K)
        {
            return (block[SixBitScalesPlace + (2 * group)], block[SixBitScalesPlace + (2 * group) + 1]);
        }

        // Those of the first four groups are whole bytes' low six bits; the others' upper two bits are left over there.
        var bytes = block.Slice(SmallScalesPlace, 12);
        return group < 4
            ? ((byte)(bytes[group] & 63), (byte)(bytes[group + 4] & 63))
            : ((byte)((bytes[group + 4] & 0xF) | ((bytes[group - 4] >> 6) << 4)), (byte)((bytes[group + 4] >> 4) | ((bytes[group] >> 6) << 4)));
    }

    /// <summary>The 32 quants of a group, 0 to 63.</summary>
    public static Vector256<byte> Quants(WeightEncoding encoding, ReadOnlySpan<byte> block, int group)
    {
        if (encoding == WeightEncoding.Q6_K)
        {
            var (half, part) = Math.DivRem(group, 4);
            var low = Shifted(block[((64 * half) + (32 * (part % 2)))..], 4 * (part / 2), 0xF);
            return low | (Shifted(block[(128 + (32 * half))..], 2 * part, 3) << 4);
        }

        var nibbles = Shifted(block[(block.Length - 128 + (32 * (group / 2)))..], 4 * (group % 2), 0xF);
        return encoding == WeightEncoding.Q4_K ? nibbles : nibbles | (Shifted(block[16..], group, 1) << 4);
    }

    /// <summary>Decodes whole blocks, to the bit as llama.cpp does.</summary>
    public static void Decode(WeightEncoding encoding, ReadOnlySpan<byte> from, Span<float> to)
    {
        var blockBytes = encoding.BlockBytes();
        for (; !from.IsEmpty; from = from[blockBytes..], to = to[Values..])
        {
            var block = from[..blockBytes];
            var scale = Float(Scale(encoding, block));
            for (var group = 0; group < Groups; group++)
            {
                var (first, second) = GroupScales(encoding, block, group);
                var (low, high) = Vector256.Widen(Quants(encoding, block, group));
                var values = to.Slice(GroupValues * group, GroupValues);
                if (encoding == WeightEncoding.Q6_K)
                {
                    Store(low, SixBitOffset, scale * (sbyte)first, 0, values);
                    Store(high, SixBitOffset, scale * (sbyte)second, 0, values[16..]);
                }
                else
                {
                    var minimum = Float(MinimumScale(block)) * second;
                    Store(low, 0, scale * first, minimum, values);
                    Store(high, 0, scale * first, minimum, values[16..]);
                }
            }
        }
    }

    private static Vector256<byte> Shifted(ReadOnlySpan<byte> bytes, int bits, byte mask) =>
        (Vector256.Create(bytes[..32]) >>> bits) & Vector256.Create(mask);

    private static float Float(ushort half) => (float)BitConverter.UInt16BitsToHalf(half);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<ushort> quants, int offset, float scale, float minimum, Span<float> to)
    {
        var (low, high) = Vector256.Widen(quants);
        Store(low, to);
        Store(high, to[8..]);

        void Store(Vector256<uint> eight, Span<float> at) =>
            ((Vector256.ConvertToSingle(eight.AsInt32() - Vector256.Create(offset)) * scale) - Vector256.Create(minimum)).CopyTo(at);
    }
}
