using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Orca.Model.Weights;

/// <summary>
/// Reads encoded rows as floats. Products of scales and quants are floats exactly; where a minimum is added to one, the sum is
/// rounded once, as llama.cpp's is.
/// </summary>
public static class RowValues
{
    private const int Scale = 2;

    /// <summary>Decodes whole blocks.</summary>
    /// <param name="encoding">How the values are written.</param>
    /// <param name="from">The bytes of as many values as <paramref name="to"/> holds.</param>
    /// <param name="to">Where the values go.</param>
    /// <exception cref="ArgumentException">The lengths do not belong together.</exception>
    public static void Decode(WeightEncoding encoding, ReadOnlySpan<byte> from, Span<float> to)
    {
        if (to.Length % encoding.BlockValues() != 0 || from.Length != encoding.BytesOf(to.Length))
        {
            throw new ArgumentException($"{from.Length} bytes of {encoding} are not {to.Length} values.", nameof(from));
        }

        switch (encoding)
        {
            case WeightEncoding.F32:
                from.CopyTo(MemoryMarshal.AsBytes(to));
                break;
            case WeightEncoding.F16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(from), to);
                break;
            case WeightEncoding.BF16:
                DecodeBFloat16(MemoryMarshal.Cast<byte, ushort>(from), to);
                break;
            case WeightEncoding.Q8_0:
                DecodeQ8(from, to);
                break;
            case WeightEncoding.Q4_0:
                DecodeQ4(from, to);
                break;
            case WeightEncoding.Q4_1 or WeightEncoding.Q5_0 or WeightEncoding.Q5_1:
                DecodeSmall(encoding, from, to);
                break;
            case WeightEncoding.Q4_K or WeightEncoding.Q5_K or WeightEncoding.Q6_K:
                SuperBlocks.Decode(encoding, from, to);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "There is no such encoding.");
        }
    }

    private static void DecodeBFloat16(ReadOnlySpan<ushort> from, Span<float> to)
    {
        var i = 0;
        for (; i <= from.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var (low, high) = Vector256.Widen(Vector256.Create(from[i..]));
            (low << 16).AsSingle().CopyTo(to[i..]);
            (high << 16).AsSingle().CopyTo(to[(i + 8)..]);
        }

        for (; i < from.Length; i++)
        {
            to[i] = BitConverter.UInt32BitsToSingle((uint)from[i] << 16);
        }
    }

    private static void DecodeQ8(ReadOnlySpan<byte> from, Span<float> to)
    {
        for (; !from.IsEmpty; from = from[(Scale + 32)..], to = to[32..])
        {
            var scale = ScaleOf(from);
            Store(Vector256.Create(from.Slice(Scale, 32)).AsSByte(), scale, to);
        }
    }

    private static void DecodeQ4(ReadOnlySpan<byte> from, Span<float> to)
    {
        for (; !from.IsEmpty; from = from[(Scale + 16)..], to = to[32..])
        {
            var pairs = Vector128.Create(from.Slice(Scale, 16));
            // Shifting bytes goes by way of wider numbers, so what comes in from the neighbour is masked.
            var quants = Vector256.Create(pairs & Vector128.Create((byte)0xF), (pairs >>> 4) & Vector128.Create((byte)0xF));
            Store(quants.AsSByte() - Vector256.Create((sbyte)8), ScaleOf(from), to);
        }
    }

    /// <summary>Blocks of four or five bits with or without a minimum; of those without, the quants have a sign.</summary>
    private static void DecodeSmall(WeightEncoding encoding, ReadOnlySpan<byte> from, Span<float> to)
    {
        var hasMinimum = encoding is WeightEncoding.Q4_1 or WeightEncoding.Q5_1;
        var hasFifthBits = encoding is WeightEncoding.Q5_0 or WeightEncoding.Q5_1;
        var blockBytes = encoding.BlockBytes();
        for (; !from.IsEmpty; from = from[blockBytes..], to = to[32..])
        {
            var scale = ScaleOf(from);
            var nibbles = from.Slice(blockBytes - 16, 16);
            var fifthBits = hasFifthBits ? MemoryMarshal.Read<uint>(from[(hasMinimum ? 4 : 2)..]) : 0;
            for (var i = 0; i < 32; i++)
            {
                var quant = (i < 16 ? nibbles[i] & 0xF : nibbles[i - 16] >> 4) | (int)(((fifthBits >> i) & 1) << 4);
                to[i] = hasMinimum ? (quant * scale) + ScaleOf(from[2..]) : (quant - 16) * scale;
            }
        }
    }

    private static float ScaleOf(ReadOnlySpan<byte> block) => (float)MemoryMarshal.Read<Half>(block);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<sbyte> quants, float scale, Span<float> to)
    {
        var (low, high) = Vector256.Widen(quants);
        Store(low, to);
        Store(high, to[16..]);

        void Store(Vector256<short> sixteen, Span<float> at)
        {
            var (first, second) = Vector256.Widen(sixteen);
            (Vector256.ConvertToSingle(first) * scale).CopyTo(at);
            (Vector256.ConvertToSingle(second) * scale).CopyTo(at[8..]);
        }
    }
}
