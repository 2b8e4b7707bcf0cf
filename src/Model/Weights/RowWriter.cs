using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Orca.Model.Weights;

/// <summary>
/// Writes rows of floats in an encoding: each value rounded to the nearest that it has, in Q4_K to steps that are fitted to its group.
/// </summary>
public static class RowWriter
{
    private const int Block = 32;

    /// <summary>Whether rows can be written so.</summary>
    public static bool Writes(WeightEncoding encoding) =>
        encoding is WeightEncoding.F32 or WeightEncoding.F16 or WeightEncoding.BF16 or WeightEncoding.Q8_0 or WeightEncoding.Q4_0
            or WeightEncoding.Q4_K;

    /// <summary>The largest magnitude that a value may have to be written so: beyond it a 16-bit float, or a scale, is infinite.</summary>
    public static float Largest(WeightEncoding encoding) => encoding switch
    {
        WeightEncoding.F32 => float.MaxValue,
        WeightEncoding.BF16 => BitConverter.UInt32BitsToSingle(0x7F7F_0000),
        WeightEncoding.Q8_0 => sbyte.MaxValue * (float)Half.MaxValue,
        WeightEncoding.Q4_0 => 8 * (float)Half.MaxValue,
        WeightEncoding.Q4_K => 63 * (float)Half.MaxValue,
        _ => (float)Half.MaxValue,
    };

    /// <summary>Encodes whole blocks.</summary>
    /// <param name="encoding">How to write them; one of those that <see cref="Writes"/>.</param>
    /// <param name="from">The values, finite.</param>
    /// <param name="to">As many bytes as they take.</param>
    /// <exception cref="ArgumentException">The lengths do not belong together.</exception>
    public static void Encode(WeightEncoding encoding, ReadOnlySpan<float> from, Span<byte> to)
    {
        if (from.Length % encoding.BlockValues() != 0 || to.Length != encoding.BytesOf(from.Length))
        {
            throw new ArgumentException($"{from.Length} values are not {to.Length} bytes of {encoding}.", nameof(to));
        }

        switch (encoding)
        {
            case WeightEncoding.F32:
                MemoryMarshal.AsBytes(from).CopyTo(to);
                break;
            case WeightEncoding.F16:
                TensorPrimitives.ConvertToHalf(from, MemoryMarshal.Cast<byte, Half>(to));
                break;
            case WeightEncoding.BF16:
                EncodeBFloat16(from, MemoryMarshal.Cast<byte, ushort>(to));
                break;
            case WeightEncoding.Q8_0 or WeightEncoding.Q4_0:
                for (; !from.IsEmpty; from = from[Block..], to = to[encoding.BlockBytes()..])
                {
                    EncodeBlock(encoding, from[..Block], to);
                }

                break;
            case WeightEncoding.Q4_K:
                for (; !from.IsEmpty; from = from[SuperBlocks.Values..], to = to[encoding.BlockBytes()..])
                {
                    SuperBlockFit.Encode(from[..SuperBlocks.Values], to[..encoding.BlockBytes()]);
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "No rows are written so.");
        }
    }

    private static void EncodeBFloat16(ReadOnlySpan<float> from, Span<ushort> to)
    {
        for (var i = 0; i < from.Length; i++)
        {
            // To the nearest, of two equally near to the even one.
            var bits = BitConverter.SingleToUInt32Bits(from[i]);
            to[i] = (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
    }

    private static void EncodeBlock(WeightEncoding encoding, ReadOnlySpan<float> values, Span<byte> block)
    {
        var largest = TensorPrimitives.MaxMagnitude(values);
        if (encoding == WeightEncoding.Q8_0)
        {
            var scale = Math.Abs(largest) / sbyte.MaxValue;
            MemoryMarshal.Write(block, (Half)scale);
            for (var i = 0; i < Block; i++)
            {
                block[2 + i] = (byte)(sbyte)Quant(values[i], scale);
            }

            return;
        }

        // The largest value becomes -8, the one number that has no opposite.
        var step = largest / -8;
        MemoryMarshal.Write(block, (Half)step);
        for (var i = 0; i < Block / 2; i++)
        {
            block[2 + i] = (byte)(Nibble(values[i], step) | (Nibble(values[i + (Block / 2)], step) << 4));
        }
    }

    private static int Nibble(float value, float step) => Math.Clamp(Quant(value, step) + 8, 0, 15);

    private static int Quant(float value, float step) => step == 0 ? 0 : (int)MathF.Round(value / step, MidpointRounding.AwayFromZero);
}
