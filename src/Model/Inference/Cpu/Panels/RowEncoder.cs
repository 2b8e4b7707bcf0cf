using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Orca.Model.Weights;

namespace Orca.Model.Inference.Cpu.Panels;

/// <summary>Writes a row of weights as a panel's words and scales; rows that are encoded so already are taken as they are.</summary>
internal static class RowEncoder
{
    /// <summary>Encodes one row.</summary>
    /// <param name="format">What to write.</param>
    /// <param name="rows">Where the row lies.</param>
    /// <param name="row">Its index.</param>
    /// <param name="words">As many as the format has for the row's inputs; what is beyond them is zero before.</param>
    /// <param name="scales">
    /// As many bytes as the format has for the row's inputs: fp16 bits, one a group, or what a <see cref="SuperBlockPanel"/> has.
    /// </param>
    /// <param name="values">Scratch of as many values as the row has inputs, padded.</param>
    public static void Encode(PanelFormat format, IWeightRows rows, int row, Span<uint> words, Span<byte> scales, Span<float> values)
    {
        switch (format, rows.Encoding)
        {
            case (PanelFormat.Fp32, WeightEncoding.F32) or (PanelFormat.Bf16, WeightEncoding.BF16) or (PanelFormat.Fp16, WeightEncoding.F16):
                rows.Row(row).CopyTo(MemoryMarshal.AsBytes(words));
                return;
            case (PanelFormat.Int8, WeightEncoding.Q8_0) or (PanelFormat.Int4, WeightEncoding.Q4_0):
                TakeBlocks(rows.Row(row), rows.Encoding.BlockBytes(), words, MemoryMarshal.Cast<byte, ushort>(scales));
                if (format == PanelFormat.Int8)
                {
                    AddOffset(words);
                }

                return;
            case (PanelFormat.Q4K, WeightEncoding.Q4_K) or (PanelFormat.Q5K, WeightEncoding.Q5_K) or (PanelFormat.Q6K, WeightEncoding.Q6_K):
                SuperBlockEncoder.Encode(format, rows.Encoding, rows.Row(row), words, scales);
                return;
            default:
                rows.ReadFloats(row, values);
                Encode(format, values[..rows.Columns], words, MemoryMarshal.Cast<byte, ushort>(scales));
                return;
        }
    }

    /// <summary>Encodes values.</summary>
    public static void Encode(PanelFormat format, ReadOnlySpan<float> values, Span<uint> words, Span<ushort> scales)
    {
        switch (format)
        {
            case PanelFormat.Fp32:
                MemoryMarshal.Cast<float, uint>(values).CopyTo(words);
                break;
            case PanelFormat.Bf16:
                var narrow = MemoryMarshal.Cast<uint, ushort>(words);
                for (var i = 0; i < values.Length; i++)
                {
                    narrow[i] = BFloat16Bits.Round(values[i]);
                }

                break;
            case PanelFormat.Fp16:
                TensorPrimitives.ConvertToHalf(values, MemoryMarshal.Cast<uint, Half>(words)[..values.Length]);
                break;
            case PanelFormat.Int8:
                for (var group = 0; group < values.Length / 32; group++)
                {
                    scales[group] = Int8(values.Slice(32 * group, 32), MemoryMarshal.AsBytes(words.Slice(8 * group, 8)));
                }

                break;
            case PanelFormat.Int4:
                for (var group = 0; group < values.Length / 32; group++)
                {
                    scales[group] = Int4(values.Slice(32 * group, 32), MemoryMarshal.AsBytes(words.Slice(4 * group, 4)));
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(format), format, "Values are not quantised so.");
        }
    }

    /// <summary>Parts blocks of a scale and 16 or 32 bytes of weights.</summary>
    private static void TakeBlocks(ReadOnlySpan<byte> blocks, int blockBytes, Span<uint> words, Span<ushort> scales)
    {
        ref var from = ref MemoryMarshal.GetReference(blocks);
        ref var to = ref Unsafe.As<uint, byte>(ref MemoryMarshal.GetReference(words));
        var weightBytes = blockBytes - sizeof(ushort);
        for (var group = 0; group < blocks.Length / blockBytes; group++)
        {
            scales[group] = Unsafe.ReadUnaligned<ushort>(ref from);
            for (var at = 0; at < weightBytes; at += Vector128<byte>.Count)
            {
                Vector128.LoadUnsafe(ref from, (nuint)(sizeof(ushort) + at)).StoreUnsafe(ref to, (nuint)at);
            }

            from = ref Unsafe.Add(ref from, blockBytes);
            to = ref Unsafe.Add(ref to, weightBytes);
        }
    }

    // Adding 128 to a byte is turning its highest bit over.
    private static void AddOffset(Span<uint> words) => TensorPrimitives.Xor(words, 0x80808080u, words);

    /// <summary>The largest value becomes ±127, as in q8_0.</summary>
    private static ushort Int8(ReadOnlySpan<float> values, Span<byte> to)
    {
        var scale = (Half)(Math.Abs(TensorPrimitives.MaxMagnitude(values)) / 127);
        var inverse = Inverse(scale);
        for (var i = 0; i < values.Length; i++)
        {
            to[i] = (byte)(Math.Clamp((int)MathF.Round(values[i] * inverse), -127, 127) + 128);
        }

        return BitConverter.HalfToUInt16Bits(scale);
    }

    /// <summary>
    /// The value of largest magnitude becomes -8, as in q4_0; then the scale is chosen anew, the best for these integers by
    /// least squares.
    /// </summary>
    private static ushort Int4(ReadOnlySpan<float> values, Span<byte> to)
    {
        Span<int> quants = stackalloc int[32];
        var scale = (Half)(TensorPrimitives.MaxMagnitude(values) / -8);
        var inverse = Inverse(scale);
        float products = 0, squares = 0;
        for (var i = 0; i < values.Length; i++)
        {
            var quant = Math.Clamp((int)MathF.Round(values[i] * inverse), -8, 7);
            quants[i] = quant;
            products += quant * values[i];
            squares += quant * quant;
        }

        for (var i = 0; i < to.Length; i++)
        {
            to[i] = (byte)((quants[i] + 8) | ((quants[i + 16] + 8) << 4));
        }

        return BitConverter.HalfToUInt16Bits(squares > 0 ? (Half)(products / squares) : scale);
    }

    private static float Inverse(Half scale) => scale == (Half)0 ? 0 : 1 / (float)scale;
}
