using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Orca.Model.Inference.Cpu.Panels;

/// <summary>Turns rows of words into words of rows, as kernels take their inputs.</summary>
internal static unsafe class Transposition
{
    private const int Sixteen = 16;

    /// <summary>Writes word w of row r to <c>to[w * rows + r]</c>.</summary>
    /// <param name="from">The first row.</param>
    /// <param name="stride">Words from one row to the next.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="words">Words of each.</param>
    /// <param name="to">Other memory.</param>
    public static void Transpose(uint* from, long stride, int rows, int words, uint* to) =>
        Transpose(from, stride, rows, words, to, rows);

    /// <summary>The same of at most 16 rows, where what lies up to 15 words behind the last one written may be overwritten.</summary>
    public static void TransposeTile(uint* from, long stride, int rows, int words, uint* to)
    {
        // Of few rows most of a vector would be written in vain.
        const int least = 6;
        var done = rows is >= least and <= SquareTransposition.Size && Avx512F.IsSupported
            ? SquareTransposition.Transpose(from, stride, rows, words, to, rows)
            : 0;
        Transpose(from + done, stride, rows, words - done, to + ((long)done * rows), rows);
    }

    /// <summary>Writes word w of row r to <c>to[w * toStride + r]</c>.</summary>
    public static void Transpose(uint* from, long stride, int rows, int words, uint* to, int toStride)
    {
        if (rows >= SquareTransposition.Size && words >= SquareTransposition.Size && Avx512F.IsSupported)
        {
            // The last sixteen once more where rows are no multiple of sixteen.
            for (var row = 0; row < rows; row += SquareTransposition.Size)
            {
                var first = Math.Min(row, rows - SquareTransposition.Size);
                SquareTransposition.Transpose(from + (first * stride), stride, SquareTransposition.Size, words, to + first, toStride);
            }

            var done = words / SquareTransposition.Size * SquareTransposition.Size;
            from += done;
            to += (long)done * toStride;
            words -= done;
        }

        if (rows >= 4 && Sse.IsSupported)
        {
            // The last four once more where rows are no multiple of four: faster than word by word.
            for (var four = 0; four < rows; four += 4)
            {
                var first = Math.Min(four, rows - 4);
                TransposeFour(from + (first * stride), stride, words, to + first, toStride);
            }

            return;
        }

        for (var row = 0; row < rows; row++)
        {
            for (var word = 0; word < words; word++)
            {
                to[((long)word * toStride) + row] = from[(row * stride) + word];
            }
        }
    }

    private static void TransposeFour(uint* from, long stride, int words, uint* to, int toStride)
    {
        var word = 0;
        for (; word <= words - 16 && Avx512F.IsSupported; word += 16, from += 16, to += 16 * toStride)
        {
            TransposeSixteen(
                Vector512.Load(from), Vector512.Load(from + stride), Vector512.Load(from + (2 * stride)),
                Vector512.Load(from + (3 * stride)), to, toStride);
        }

        for (; word <= words - 4; word += 4, from += 4, to += 4 * toStride)
        {
            var (a, b) = (Vector128.Load((float*)from), Vector128.Load((float*)(from + stride)));
            var (c, d) = (Vector128.Load((float*)(from + (2 * stride))), Vector128.Load((float*)(from + (3 * stride))));
            var (ab, cd) = (Sse.UnpackLow(a, b), Sse.UnpackLow(c, d));
            Sse.MoveLowToHigh(ab, cd).Store((float*)to);
            Sse.MoveHighToLow(cd, ab).Store((float*)(to + toStride));
            (ab, cd) = (Sse.UnpackHigh(a, b), Sse.UnpackHigh(c, d));
            Sse.MoveLowToHigh(ab, cd).Store((float*)(to + (2 * toStride)));
            Sse.MoveHighToLow(cd, ab).Store((float*)(to + (3 * toStride)));
        }

        for (; word < words; word++, from++, to += toStride)
        {
            (to[0], to[1], to[2], to[3]) = (from[0], from[stride], from[2 * stride], from[3 * stride]);
        }
    }

    /// <summary>
    /// The same of words that are values rounded to bf16 in pairs; the last word of an odd number of values ends in zeros.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RoundAndTranspose(float* from, long stride, int rows, int values, uint* to, int toStride)
    {
        const int most = 2 * Sixteen;
        var words = stackalloc uint[4 * Sixteen];
        for (var four = 0; four < rows; four += 4)
        {
            var row = Math.Min(four, Math.Max(0, rows - 4));
            var height = Math.Min(4, rows - row);
            for (var value = 0; value < values; value += most)
            {
                var width = Math.Min(most, values - value);
                var first = from + (row * stride) + value;
                var place = to + ((long)value / 2 * toStride) + row;
                if (height == 4 && width == most && Avx512F.IsSupported)
                {
                    TransposeSixteen(
                        BFloat16Bits.Words(first), BFloat16Bits.Words(first + stride), BFloat16Bits.Words(first + (2 * stride)),
                        BFloat16Bits.Words(first + (3 * stride)), place, toStride);
                    continue;
                }

                for (var i = 0; i < height; i++)
                {
                    BFloat16Bits.RoundToWords(first + (i * stride), width, words + (i * Sixteen));
                }

                Transpose(words, Sixteen, height, (width + 1) / 2, place, toStride);
            }
        }
    }

    // Sixteen words of each of four rows: every fourth of them comes to lie in one vector.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeSixteen(
        Vector512<uint> a, Vector512<uint> b, Vector512<uint> c, Vector512<uint> d, uint* to, long toStride)
    {
        var (ab, cd) = (Avx512F.UnpackLow(a, b).AsUInt64(), Avx512F.UnpackLow(c, d).AsUInt64());
        StoreFours(Avx512F.UnpackLow(ab, cd).AsUInt32(), to, toStride);
        StoreFours(Avx512F.UnpackHigh(ab, cd).AsUInt32(), to + toStride, toStride);
        (ab, cd) = (Avx512F.UnpackHigh(a, b).AsUInt64(), Avx512F.UnpackHigh(c, d).AsUInt64());
        StoreFours(Avx512F.UnpackLow(ab, cd).AsUInt32(), to + (2 * toStride), toStride);
        StoreFours(Avx512F.UnpackHigh(ab, cd).AsUInt32(), to + (3 * toStride), toStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreFours(Vector512<uint> fours, uint* to, long toStride)
    {
        Avx512F.ExtractVector128(fours, 0).Store(to);
        Avx512F.ExtractVector128(fours, 1).Store(to + (4 * toStride));
        Avx512F.ExtractVector128(fours, 2).Store(to + (8 * toStride));
        Avx512F.ExtractVector128(fours, 3).Store(to + (12 * toStride));
    }
}
