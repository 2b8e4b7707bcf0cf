using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Orca.Model.Inference.Cpu.Panels;

/// <summary>Turns rows of words into words of rows, as kernels take their inputs.</summary>
internal static unsafe class Transposition
{
    /// <summary>Writes word w of row r to <c>to[w * rows + r]</c>.</summary>
    /// <param name="from">The first row.</param>
    /// <param name="stride">Words from one row to the next.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="words">Words of each.</param>
    /// <param name="to">Other memory.</param>
    public static void Transpose(uint* from, long stride, int rows, int words, uint* to) =>
        Transpose(from, stride, rows, words, to, rows);

    /// <summary>Writes word w of row r to <c>to[w * toStride + r]</c>.</summary>
    public static void Transpose(uint* from, long stride, int rows, int words, uint* to, int toStride)
    {
        var row = 0;
        for (; row <= rows - 4 && Sse.IsSupported; row += 4)
        {
            TransposeFour(from + (row * stride), stride, words, to + row, toStride);
        }

        for (; row < rows; row++)
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
            TransposeSixteen(from, stride, to, toStride);
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

    // Sixteen words of each of four rows: every fourth of them comes to lie in one vector.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeSixteen(uint* from, long stride, uint* to, long toStride)
    {
        var (a, b) = (Vector512.Load(from), Vector512.Load(from + stride));
        var (c, d) = (Vector512.Load(from + (2 * stride)), Vector512.Load(from + (3 * stride)));
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
