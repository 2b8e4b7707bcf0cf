using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Orca.Model.Inference.Cpu.Panels;

/// <summary>Turns blocks of up to 16 rows of 16 words, whole vectors at a time; needs AVX-512.</summary>
internal static unsafe class SquareTransposition
{
    /// <summary>Rows and words of a block.</summary>
    public const int Size = 16;

    // Lanes 0 and 2 of two vectors, and lanes 1 and 3.
    private const byte Even = 0x88;
    private const byte Odd = 0xDD;

    /// <summary>Writes word w of row r to <c>to[w * toStride + r]</c>, of as many words as make whole blocks.</summary>
    /// <param name="from">The first row.</param>
    /// <param name="stride">Words from one row to the next.</param>
    /// <param name="rows">Rows, 1 to 16; of fewer than 16 what lies up to 15 words behind the last one written is overwritten.</param>
    /// <param name="words">Words of each.</param>
    /// <param name="to">Other memory.</param>
    /// <param name="toStride">Words from one word's place to the next, at least the rows.</param>
    /// <returns>The words done, a multiple of 16.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Transpose(uint* from, long stride, int rows, int words, uint* to, long toStride)
    {
        var word = 0;
        for (; word <= words - Size; word += Size, from += Size, to += Size * toStride)
        {
            Fours(from, stride, rows, 0, out var a0, out var a1, out var a2, out var a3);
            Fours(from, stride, rows, 4, out var b0, out var b1, out var b2, out var b3);
            Fours(from, stride, rows, 8, out var c0, out var c1, out var c2, out var c3);
            Fours(from, stride, rows, 12, out var d0, out var d1, out var d2, out var d3);
            Lanes(ref a0, ref b0, ref c0, ref d0);
            Lanes(ref a1, ref b1, ref c1, ref d1);
            Lanes(ref a2, ref b2, ref c2, ref d2);
            Lanes(ref a3, ref b3, ref c3, ref d3);
            Store(a0, a1, a2, a3, to, toStride);
            Store(b0, b1, b2, b3, to + (4 * toStride), toStride);
            Store(c0, c1, c2, c3, to + (8 * toStride), toStride);
            Store(d0, d1, d2, d3, to + (12 * toStride), toStride);
        }

        return word;
    }

    // Of four rows the words 0, 4, 8 and 12 in the first vector, a lane for each, 1, 5, 9 and 13 in the second, and so on.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fours(
        uint* from, long stride, int rows, int row,
        out Vector512<uint> zero, out Vector512<uint> one, out Vector512<uint> two, out Vector512<uint> three)
    {
        var last = rows - 1;
        var (a, b) = (Load(from, stride, row, last), Load(from, stride, row + 1, last));
        var (c, d) = (Load(from, stride, row + 2, last), Load(from, stride, row + 3, last));
        var (ab, cd) = (Avx512F.UnpackLow(a, b).AsUInt64(), Avx512F.UnpackLow(c, d).AsUInt64());
        (zero, one) = (Avx512F.UnpackLow(ab, cd).AsUInt32(), Avx512F.UnpackHigh(ab, cd).AsUInt32());
        (ab, cd) = (Avx512F.UnpackHigh(a, b).AsUInt64(), Avx512F.UnpackHigh(c, d).AsUInt64());
        (two, three) = (Avx512F.UnpackLow(ab, cd).AsUInt32(), Avx512F.UnpackHigh(ab, cd).AsUInt32());
    }

    // The last row once more where there are fewer: no memory behind them is read.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Load(uint* from, long stride, int row, int last) =>
        Vector512.Load(from + (Math.Min(row, last) * stride));

    // Four lanes of four vectors, turned.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Lanes(ref Vector512<uint> a, ref Vector512<uint> b, ref Vector512<uint> c, ref Vector512<uint> d)
    {
        var (abEven, abOdd) = (Avx512F.Shuffle4x128(a, b, Even), Avx512F.Shuffle4x128(a, b, Odd));
        var (cdEven, cdOdd) = (Avx512F.Shuffle4x128(c, d, Even), Avx512F.Shuffle4x128(c, d, Odd));
        (a, c) = (Avx512F.Shuffle4x128(abEven, cdEven, Even), Avx512F.Shuffle4x128(abEven, cdEven, Odd));
        (b, d) = (Avx512F.Shuffle4x128(abOdd, cdOdd, Even), Avx512F.Shuffle4x128(abOdd, cdOdd, Odd));
    }

    // In rising order, so that what one writes too much the next overwrites.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(
        Vector512<uint> zero, Vector512<uint> one, Vector512<uint> two, Vector512<uint> three, uint* to, long toStride)
    {
        zero.Store(to);
        one.Store(to + toStride);
        two.Store(to + (2 * toStride));
        three.Store(to + (3 * toStride));
    }
}
