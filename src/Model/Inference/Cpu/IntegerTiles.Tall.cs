using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Orca.Model.Inference.Cpu;

internal static unsafe partial class IntegerTiles
{
    // The float sums of 8 rows and two halves would need all registers: they stay in the first-level cache, and are read and
    // written once a group.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8<TPanel>(in IntegerTile tile)
        where TPanel : struct, IIntegerPanel
    {
        var (left, stride) = (tile.Groups, tile.OutputStride);
        var weights = tile.Weights;
        var scales = tile.Scales;
        int* rows = tile.Rows, starts = tile.Starts;
        float* rowScales = tile.RowScales, outputs = tile.Outputs;
        for (; left > 0; left--)
        {
            var p0 = Vector256.Create(*starts);
            var q0 = p0;
            var p1 = Vector256.Create(starts[1]);
            var q1 = p1;
            var p2 = Vector256.Create(starts[2]);
            var q2 = p2;
            var p3 = Vector256.Create(starts[3]);
            var q3 = p3;
            var p4 = Vector256.Create(starts[4]);
            var q4 = p4;
            var p5 = Vector256.Create(starts[5]);
            var q5 = p5;
            var p6 = Vector256.Create(starts[6]);
            var q6 = p6;
            var p7 = Vector256.Create(starts[7]);
            var q7 = p7;
            Prefetch<TPanel>(weights, scales);
            for (var step = 0; step < 4; step++)
            {
                TPanel.Load(weights, step, 0, out var pEarly, out var pLate);
                TPanel.Load(weights, step, 1, out var qEarly, out var qLate);
                var x = Vector256.Create(*rows).AsSByte();
                p0 = IntegerVectors.AddProducts(p0, pEarly, x);
                q0 = IntegerVectors.AddProducts(q0, qEarly, x);
                x = Vector256.Create(rows[1]).AsSByte();
                p1 = IntegerVectors.AddProducts(p1, pEarly, x);
                q1 = IntegerVectors.AddProducts(q1, qEarly, x);
                x = Vector256.Create(rows[2]).AsSByte();
                p2 = IntegerVectors.AddProducts(p2, pEarly, x);
                q2 = IntegerVectors.AddProducts(q2, qEarly, x);
                x = Vector256.Create(rows[3]).AsSByte();
                p3 = IntegerVectors.AddProducts(p3, pEarly, x);
                q3 = IntegerVectors.AddProducts(q3, qEarly, x);
                x = Vector256.Create(rows[4]).AsSByte();
                p4 = IntegerVectors.AddProducts(p4, pEarly, x);
                q4 = IntegerVectors.AddProducts(q4, qEarly, x);
                x = Vector256.Create(rows[5]).AsSByte();
                p5 = IntegerVectors.AddProducts(p5, pEarly, x);
                q5 = IntegerVectors.AddProducts(q5, qEarly, x);
                x = Vector256.Create(rows[6]).AsSByte();
                p6 = IntegerVectors.AddProducts(p6, pEarly, x);
                q6 = IntegerVectors.AddProducts(q6, qEarly, x);
                x = Vector256.Create(rows[7]).AsSByte();
                p7 = IntegerVectors.AddProducts(p7, pEarly, x);
                q7 = IntegerVectors.AddProducts(q7, qEarly, x);
                x = Vector256.Create(rows[32]).AsSByte();
                p0 = IntegerVectors.AddProducts(p0, pLate, x);
                q0 = IntegerVectors.AddProducts(q0, qLate, x);
                x = Vector256.Create(rows[33]).AsSByte();
                p1 = IntegerVectors.AddProducts(p1, pLate, x);
                q1 = IntegerVectors.AddProducts(q1, qLate, x);
                x = Vector256.Create(rows[34]).AsSByte();
                p2 = IntegerVectors.AddProducts(p2, pLate, x);
                q2 = IntegerVectors.AddProducts(q2, qLate, x);
                x = Vector256.Create(rows[35]).AsSByte();
                p3 = IntegerVectors.AddProducts(p3, pLate, x);
                q3 = IntegerVectors.AddProducts(q3, qLate, x);
                x = Vector256.Create(rows[36]).AsSByte();
                p4 = IntegerVectors.AddProducts(p4, pLate, x);
                q4 = IntegerVectors.AddProducts(q4, qLate, x);
                x = Vector256.Create(rows[37]).AsSByte();
                p5 = IntegerVectors.AddProducts(p5, pLate, x);
                q5 = IntegerVectors.AddProducts(q5, qLate, x);
                x = Vector256.Create(rows[38]).AsSByte();
                p6 = IntegerVectors.AddProducts(p6, pLate, x);
                q6 = IntegerVectors.AddProducts(q6, qLate, x);
                x = Vector256.Create(rows[39]).AsSByte();
                p7 = IntegerVectors.AddProducts(p7, pLate, x);
                q7 = IntegerVectors.AddProducts(q7, qLate, x);
                rows += 8;
            }

            var (first, second) = IntegerVectors.Scales(scales);
            AddGroup(outputs, p0, q0, first, second, *rowScales);
            AddGroup(outputs + stride, p1, q1, first, second, rowScales[1]);
            AddGroup(outputs + (stride * 2), p2, q2, first, second, rowScales[2]);
            AddGroup(outputs + (stride * 3), p3, q3, first, second, rowScales[3]);
            AddGroup(outputs + (stride * 4), p4, q4, first, second, rowScales[4]);
            AddGroup(outputs + (stride * 5), p5, q5, first, second, rowScales[5]);
            AddGroup(outputs + (stride * 6), p6, q6, first, second, rowScales[6]);
            AddGroup(outputs + (stride * 7), p7, q7, first, second, rowScales[7]);
            weights += TPanel.GroupBytes;
            scales += 16;
            rows += 32;
            starts += 8;
            rowScales += 8;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddGroup(float* sums, Vector256<int> p, Vector256<int> q, Vector256<float> first, Vector256<float> second, float scale)
    {
        var rowScale = Vector256.Create(scale);
        Vector256.Store(Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(p), first * rowScale, Vector256.Load(sums)), sums);
        Vector256.Store(Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(q), second * rowScale, Vector256.Load(sums + 8)), sums + 8);
    }
}
