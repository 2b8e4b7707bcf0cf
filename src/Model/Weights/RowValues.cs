using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Orca.Model.Weights;

/// <summary>Reads encoded rows as floats. Every encoding's values are floats exactly, so nothing is rounded.</summary>
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
            case WeightEncoding.Q6_K:
                DecodeQ6(from, to);
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

    private static void DecodeQ6(ReadOnlySpan<byte> from, Span<float> to)
    {
        for (; !from.IsEmpty; from = from[210..], to = to[256..])
        {
            var scale = ScaleOf(from[208..]);
            for (var half = 0; half < 2; half++)
            {
                DecodeQ6(from.Slice(64 * half, 64), from.Slice(128 + (32 * half), 32), from.Slice(192 + (8 * half), 8), scale, to.Slice(128 * half, 128));
            }
        }
    }

    /// <summary>Half of a block, in four parts of 32 values.</summary>
    private static void DecodeQ6(ReadOnlySpan<byte> low, ReadOnlySpan<byte> high, ReadOnlySpan<byte> scales, float scale, Span<float> to)
    {
        for (var part = 0; part < 4; part++)
        {
            var four = (Vector256.Create(low.Slice(32 * (part % 2), 32)) >>> (4 * (part / 2))) & Vector256.Create((byte)0xF);
            var two = (Vector256.Create(high) >>> (2 * part)) & Vector256.Create((byte)3);
            var (first, second) = Vector256.Widen((four | (two << 4)).AsSByte() - Vector256.Create((sbyte)32));
            Store(first, scale * (sbyte)scales[2 * part], to[(32 * part)..]);
            Store(second, scale * (sbyte)scales[(2 * part) + 1], to[((32 * part) + 16)..]);
        }
    }

    private static float ScaleOf(ReadOnlySpan<byte> block) => (float)MemoryMarshal.Read<Half>(block);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<sbyte> quants, float scale, Span<float> to)
    {
        var (low, high) = Vector256.Widen(quants);
        Store(low, scale, to);
        Store(high, scale, to[16..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<short> quants, float scale, Span<float> to)
    {
        var (low, high) = Vector256.Widen(quants);
        (Vector256.ConvertToSingle(low) * scale).CopyTo(to);
        (Vector256.ConvertToSingle(high) * scale).CopyTo(to[8..]);
    }
}
