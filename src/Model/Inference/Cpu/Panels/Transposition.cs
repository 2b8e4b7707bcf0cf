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
}
