using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Orca.Model.Weights;

namespace Orca.Model.Inference.Cpu.Panels;

/// <summary>
/// Writes a row of GGUF's blocks of 256 values as the words and scales of a <see cref="SuperBlockPanel"/>; no number is changed.
/// </summary>
internal static class SuperBlockEncoder
{
    /// <summary>Encodes one row.</summary>
    /// <param name="format">The panel's format.</param>
    /// <param name="encoding">The row's, the same.</param>
    /// <param name="row">Whole blocks.</param>
    /// <param name="words">The words of every group, block by block.</param>
    /// <param name="scales">Of every block: its scale and that of its minimums, as fp16; then two bytes a group.</param>
    public static void Encode(PanelFormat format, WeightEncoding encoding, ReadOnlySpan<byte> row, Span<uint> words, Span<byte> scales)
    {
        var (blockBytes, groupWords) = (encoding.BlockBytes(), SuperBlockPanel.GroupWords(format));
        for (; !row.IsEmpty; row = row[blockBytes..])
        {
            var block = row[..blockBytes];
            MemoryMarshal.Write(scales, SuperBlocks.Scale(encoding, block));
            scales = scales[sizeof(ushort)..];
            if (SuperBlockPanel.HasMinimums(format))
            {
                MemoryMarshal.Write(scales, SuperBlocks.MinimumScale(block));
                scales = scales[sizeof(ushort)..];
            }

            for (var group = 0; group < SuperBlocks.Groups; group++)
            {
                (scales[0], scales[1]) = SuperBlocks.GroupScales(encoding, block, group);
                Write(SuperBlocks.Quants(encoding, block, group), SuperBlockPanel.UpperBits(format), words);
                scales = scales[2..];
                words = words[groupWords..];
            }
        }
    }

    private static void Write(Vector256<byte> quants, int upperBits, Span<uint> words)
    {
        var low = quants & Vector256.Create((byte)0xF);
        (low.GetLower() | (low.GetUpper() << 4)).AsUInt32().CopyTo(words);
        if (upperBits == 0)
        {
            return;
        }

        // The k-th word of four quants has its upper bits at the k-th place of the bytes, then of the next word's.
        var upper = (quants >>> 4).AsUInt32();
        var places = 8 / upperBits;
        for (var word = 0; word < upperBits; word++)
        {
            var bits = 0u;
            for (var place = 0; place < places; place++)
            {
                bits |= upper.GetElement((word * places) + place) << (upperBits * place);
            }

            words[SuperBlockPanel.LowWords + word] = bits;
        }
    }
}
