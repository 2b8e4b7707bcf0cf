using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Orca.Model.Inference.Cpu;

internal static unsafe partial class FloatTiles
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8<TPanel>(in FloatTile tile)
        where TPanel : struct, IFloatPanel
    {
        var weights = tile.Weights;
        float* rows = tile.Rows, outputs = tile.Outputs;
        long panel = tile.PanelBytes, stride = tile.OutputStride;
        var a0 = Vector512.Load(outputs);
        var b0 = Vector512.Load(outputs + 16);
        var a1 = Vector512.Load(outputs + stride);
        var b1 = Vector512.Load(outputs + stride + 16);
        var a2 = Vector512.Load(outputs + (stride * 2));
        var b2 = Vector512.Load(outputs + (stride * 2) + 16);
        var a3 = Vector512.Load(outputs + (stride * 3));
        var b3 = Vector512.Load(outputs + (stride * 3) + 16);
        var a4 = Vector512.Load(outputs + (stride * 4));
        var b4 = Vector512.Load(outputs + (stride * 4) + 16);
        var a5 = Vector512.Load(outputs + (stride * 5));
        var b5 = Vector512.Load(outputs + (stride * 5) + 16);
        var a6 = Vector512.Load(outputs + (stride * 6));
        var b6 = Vector512.Load(outputs + (stride * 6) + 16);
        var a7 = Vector512.Load(outputs + (stride * 7));
        var b7 = Vector512.Load(outputs + (stride * 7) + 16);
        for (var left = tile.Pairs; left > 0; left--)
        {
            TPanel.Load(weights, out var aFirst, out var aSecond);
            TPanel.Load(weights + panel, out var bFirst, out var bSecond);
            Prefetch<TPanel>(weights, panel);
            var x = Vector512.Create(*rows);
            a0 = Vector512.FusedMultiplyAdd(x, aFirst, a0);
            b0 = Vector512.FusedMultiplyAdd(x, bFirst, b0);
            x = Vector512.Create(rows[1]);
            a1 = Vector512.FusedMultiplyAdd(x, aFirst, a1);
            b1 = Vector512.FusedMultiplyAdd(x, bFirst, b1);
            x = Vector512.Create(rows[2]);
            a2 = Vector512.FusedMultiplyAdd(x, aFirst, a2);
            b2 = Vector512.FusedMultiplyAdd(x, bFirst, b2);
            x = Vector512.Create(rows[3]);
            a3 = Vector512.FusedMultiplyAdd(x, aFirst, a3);
            b3 = Vector512.FusedMultiplyAdd(x, bFirst, b3);
            x = Vector512.Create(rows[4]);
            a4 = Vector512.FusedMultiplyAdd(x, aFirst, a4);
            b4 = Vector512.FusedMultiplyAdd(x, bFirst, b4);
            x = Vector512.Create(rows[5]);
            a5 = Vector512.FusedMultiplyAdd(x, aFirst, a5);
            b5 = Vector512.FusedMultiplyAdd(x, bFirst, b5);
            x = Vector512.Create(rows[6]);
            a6 = Vector512.FusedMultiplyAdd(x, aFirst, a6);
            b6 = Vector512.FusedMultiplyAdd(x, bFirst, b6);
            x = Vector512.Create(rows[7]);
            a7 = Vector512.FusedMultiplyAdd(x, aFirst, a7);
            b7 = Vector512.FusedMultiplyAdd(x, bFirst, b7);
            x = Vector512.Create(rows[8]);
            a0 = Vector512.FusedMultiplyAdd(x, aSecond, a0);
            b0 = Vector512.FusedMultiplyAdd(x, bSecond, b0);
            x = Vector512.Create(rows[9]);
            a1 = Vector512.FusedMultiplyAdd(x, aSecond, a1);
            b1 = Vector512.FusedMultiplyAdd(x, bSecond, b1);
            x = Vector512.Create(rows[10]);
            a2 = Vector512.FusedMultiplyAdd(x, aSecond, a2);
            b2 = Vector512.FusedMultiplyAdd(x, bSecond, b2);
            x = Vector512.Create(rows[11]);
            a3 = Vector512.FusedMultiplyAdd(x, aSecond, a3);
            b3 = Vector512.FusedMultiplyAdd(x, bSecond, b3);
            x = Vector512.Create(rows[12]);
            a4 = Vector512.FusedMultiplyAdd(x, aSecond, a4);
            b4 = Vector512.FusedMultiplyAdd(x, bSecond, b4);
            x = Vector512.Create(rows[13]);
            a5 = Vector512.FusedMultiplyAdd(x, aSecond, a5);
            b5 = Vector512.FusedMultiplyAdd(x, bSecond, b5);
            x = Vector512.Create(rows[14]);
            a6 = Vector512.FusedMultiplyAdd(x, aSecond, a6);
            b6 = Vector512.FusedMultiplyAdd(x, bSecond, b6);
            x = Vector512.Create(rows[15]);
            a7 = Vector512.FusedMultiplyAdd(x, aSecond, a7);
            b7 = Vector512.FusedMultiplyAdd(x, bSecond, b7);
            weights += TPanel.PairBytes;
            rows += 16;
        }

        Vector512.Store(a0, outputs);
        Vector512.Store(b0, outputs + 16);
        Vector512.Store(a1, outputs + stride);
        Vector512.Store(b1, outputs + stride + 16);
        Vector512.Store(a2, outputs + (stride * 2));
        Vector512.Store(b2, outputs + (stride * 2) + 16);
        Vector512.Store(a3, outputs + (stride * 3));
        Vector512.Store(b3, outputs + (stride * 3) + 16);
        Vector512.Store(a4, outputs + (stride * 4));
        Vector512.Store(b4, outputs + (stride * 4) + 16);
        Vector512.Store(a5, outputs + (stride * 5));
        Vector512.Store(b5, outputs + (stride * 5) + 16);
        Vector512.Store(a6, outputs + (stride * 6));
        Vector512.Store(b6, outputs + (stride * 6) + 16);
        Vector512.Store(a7, outputs + (stride * 7));
        Vector512.Store(b7, outputs + (stride * 7) + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile12<TPanel>(in FloatTile tile)
        where TPanel : struct, IFloatPanel
    {
        var weights = tile.Weights;
        float* rows = tile.Rows, outputs = tile.Outputs;
        long panel = tile.PanelBytes, stride = tile.OutputStride;
        var a0 = Vector512.Load(outputs);
        var b0 = Vector512.Load(outputs + 16);
        var a1 = Vector512.Load(outputs + stride);
        var b1 = Vector512.Load(outputs + stride + 16);
        var a2 = Vector512.Load(outputs + (stride * 2));
        var b2 = Vector512.Load(outputs + (stride * 2) + 16);
        var a3 = Vector512.Load(outputs + (stride * 3));
        var b3 = Vector512.Load(outputs + (stride * 3) + 16);
        var a4 = Vector512.Load(outputs + (stride * 4));
        var b4 = Vector512.Load(outputs + (stride * 4) + 16);
        var a5 = Vector512.Load(outputs + (stride * 5));
        var b5 = Vector512.Load(outputs + (stride * 5) + 16);
        var a6 = Vector512.Load(outputs + (stride * 6));
        var b6 = Vector512.Load(outputs + (stride * 6) + 16);
        var a7 = Vector512.Load(outputs + (stride * 7));
        var b7 = Vector512.Load(outputs + (stride * 7) + 16);
        var a8 = Vector512.Load(outputs + (stride * 8));
        var b8 = Vector512.Load(outputs + (stride * 8) + 16);
        var a9 = Vector512.Load(outputs + (stride * 9));
        var b9 = Vector512.Load(outputs + (stride * 9) + 16);
        var a10 = Vector512.Load(outputs + (stride * 10));
        var b10 = Vector512.Load(outputs + (stride * 10) + 16);
        var a11 = Vector512.Load(outputs + (stride * 11));
        var b11 = Vector512.Load(outputs + (stride * 11) + 16);
        for (var left = tile.Pairs; left > 0; left--)
        {
            TPanel.Load(weights, out var aFirst, out var aSecond);
            TPanel.Load(weights + panel, out var bFirst, out var bSecond);
            Prefetch<TPanel>(weights, panel);
            var x = Vector512.Create(*rows);
            a0 = Vector512.FusedMultiplyAdd(x, aFirst, a0);
            b0 = Vector512.FusedMultiplyAdd(x, bFirst, b0);
            x = Vector512.Create(rows[1]);
            a1 = Vector512.FusedMultiplyAdd(x, aFirst, a1);
            b1 = Vector512.FusedMultiplyAdd(x, bFirst, b1);
            x = Vector512.Create(rows[2]);
            a2 = Vector512.FusedMultiplyAdd(x, aFirst, a2);
            b2 = Vector512.FusedMultiplyAdd(x, bFirst, b2);
            x = Vector512.Create(rows[3]);
            a3 = Vector512.FusedMultiplyAdd(x, aFirst, a3);
            b3 = Vector512.FusedMultiplyAdd(x, bFirst, b3);
            x = Vector512.Create(rows[4]);
            a4 = Vector512.FusedMultiplyAdd(x, aFirst, a4);
            b4 = Vector512.FusedMultiplyAdd(x, bFirst, b4);
            x = Vector512.Create(rows[5]);
            a5 = Vector512.FusedMultiplyAdd(x, aFirst, a5);
            b5 = Vector512.FusedMultiplyAdd(x, bFirst, b5);
            x = Vector512.Create(rows[6]);
            a6 = Vector512.FusedMultiplyAdd(x, aFirst, a6);
            b6 = Vector512.FusedMultiplyAdd(x, bFirst, b6);
            x = Vector512.Create(rows[7]);
            a7 = Vector512.FusedMultiplyAdd(x, aFirst, a7);
            b7 = Vector512.FusedMultiplyAdd(x, bFirst, b7);
            x = Vector512.Create(rows[8]);
            a8 = Vector512.FusedMultiplyAdd(x, aFirst, a8);
            b8 = Vector512.FusedMultiplyAdd(x, bFirst, b8);
            x = Vector512.Create(rows[9]);
            a9 = Vector512.FusedMultiplyAdd(x, aFirst, a9);
            b9 = Vector512.FusedMultiplyAdd(x, bFirst, b9);
            x = Vector512.Create(rows[10]);
            a10 = Vector512.FusedMultiplyAdd(x, aFirst, a10);
            b10 = Vector512.FusedMultiplyAdd(x, bFirst, b10);
            x = Vector512.Create(rows[11]);
            a11 = Vector512.FusedMultiplyAdd(x, aFirst, a11);
            b11 = Vector512.FusedMultiplyAdd(x, bFirst, b11);
            x = Vector512.Create(rows[12]);
            a0 = Vector512.FusedMultiplyAdd(x, aSecond, a0);
            b0 = Vector512.FusedMultiplyAdd(x, bSecond, b0);
            x = Vector512.Create(rows[13]);
            a1 = Vector512.FusedMultiplyAdd(x, aSecond, a1);
            b1 = Vector512.FusedMultiplyAdd(x, bSecond, b1);
            x = Vector512.Create(rows[14]);
            a2 = Vector512.FusedMultiplyAdd(x, aSecond, a2);
            b2 = Vector512.FusedMultiplyAdd(x, bSecond, b2);
            x = Vector512.Create(rows[15]);
            a3 = Vector512.FusedMultiplyAdd(x, aSecond, a3);
            b3 = Vector512.FusedMultiplyAdd(x, bSecond, b3);
            x = Vector512.Create(rows[16]);
            a4 = Vector512.FusedMultiplyAdd(x, aSecond, a4);
            b4 = Vector512.FusedMultiplyAdd(x, bSecond, b4);
            x = Vector512.Create(rows[17]);
            a5 = Vector512.FusedMultiplyAdd(x, aSecond, a5);
            b5 = Vector512.FusedMultiplyAdd(x, bSecond, b5);
            x = Vector512.Create(rows[18]);
            a6 = Vector512.FusedMultiplyAdd(x, aSecond, a6);
            b6 = Vector512.FusedMultiplyAdd(x, bSecond, b6);
            x = Vector512.Create(rows[19]);
            a7 = Vector512.FusedMultiplyAdd(x, aSecond, a7);
            b7 = Vector512.FusedMultiplyAdd(x, bSecond, b7);
            x = Vector512.Create(rows[20]);
            a8 = Vector512.FusedMultiplyAdd(x, aSecond, a8);
            b8 = Vector512.FusedMultiplyAdd(x, bSecond, b8);
            x = Vector512.Create(rows[21]);
            a9 = Vector512.FusedMultiplyAdd(x, aSecond, a9);
            b9 = Vector512.FusedMultiplyAdd(x, bSecond, b9);
            x = Vector512.Create(rows[22]);
            a10 = Vector512.FusedMultiplyAdd(x, aSecond, a10);
            b10 = Vector512.FusedMultiplyAdd(x, bSecond, b10);
            x = Vector512.Create(rows[23]);
            a11 = Vector512.FusedMultiplyAdd(x, aSecond, a11);
            b11 = Vector512.FusedMultiplyAdd(x, bSecond, b11);
            weights += TPanel.PairBytes;
            rows += 24;
        }

        Vector512.Store(a0, outputs);
        Vector512.Store(b0, outputs + 16);
        Vector512.Store(a1, outputs + stride);
        Vector512.Store(b1, outputs + stride + 16);
        Vector512.Store(a2, outputs + (stride * 2));
        Vector512.Store(b2, outputs + (stride * 2) + 16);
        Vector512.Store(a3, outputs + (stride * 3));
        Vector512.Store(b3, outputs + (stride * 3) + 16);
        Vector512.Store(a4, outputs + (stride * 4));
        Vector512.Store(b4, outputs + (stride * 4) + 16);
        Vector512.Store(a5, outputs + (stride * 5));
        Vector512.Store(b5, outputs + (stride * 5) + 16);
        Vector512.Store(a6, outputs + (stride * 6));
        Vector512.Store(b6, outputs + (stride * 6) + 16);
        Vector512.Store(a7, outputs + (stride * 7));
        Vector512.Store(b7, outputs + (stride * 7) + 16);
        Vector512.Store(a8, outputs + (stride * 8));
        Vector512.Store(b8, outputs + (stride * 8) + 16);
        Vector512.Store(a9, outputs + (stride * 9));
        Vector512.Store(b9, outputs + (stride * 9) + 16);
        Vector512.Store(a10, outputs + (stride * 10));
        Vector512.Store(b10, outputs + (stride * 10) + 16);
        Vector512.Store(a11, outputs + (stride * 11));
        Vector512.Store(b11, outputs + (stride * 11) + 16);
    }
}
