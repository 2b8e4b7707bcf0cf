using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Orca.Model.Inference.Cpu;

/// <summary>One block of a product: some rows of inputs times one panel, for a run of groups.</summary>
internal unsafe struct IntegerTile
{
    /// <summary>The panel's first group.</summary>
    public byte* Weights;

    /// <summary>fp16, [groups, 16 outputs].</summary>
    public ushort* Scales;

    /// <summary>Inputs, four int8 a word, [groups, 8 steps, rows of the tile].</summary>
    public int* Rows;

    /// <summary>What each row's sum over a group begins at, [groups, rows].</summary>
    public int* Starts;

    /// <summary>Each row's scale in a group, [groups, rows].</summary>
    public float* RowScales;

    /// <summary>Groups of 32 inputs.</summary>
    public long Groups;

    /// <summary>Where the 16 sums of the first row lie; they are added to.</summary>
    public float* Outputs;

    /// <summary>Values from one row of sums to the next.</summary>
    public long OutputStride;
}

/// <summary>
/// The inner loops of integer products, one for each height of tile. Within a group sums are exact, groups are added up in
/// order: so a row's result does not depend on the rows beside it.
/// </summary>
internal static unsafe partial class IntegerTiles
{
    private const int PrefetchDistance = 2_048;
    private const int ScalePrefetchDistance = 512;

    /// <summary>Adds a tile's products to its sums.</summary>
    /// <param name="rows">Height of the tile: 1, 2, 4 or 8.</param>
    /// <param name="tile">Where it lies.</param>
    public static void Add<TPanel>(int rows, in IntegerTile tile)
        where TPanel : struct, IIntegerPanel
    {
        switch (rows)
        {
            case 1: Tile1<TPanel>(tile); break;
            case 2: Tile2<TPanel>(tile); break;
            case 4: Tile4<TPanel>(tile); break;
            default: Tile8<TPanel>(tile); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch<TPanel>(byte* weights, ushort* scales)
        where TPanel : struct, IIntegerPanel
    {
        if (!Sse.IsSupported)
        {
            return;
        }

        for (var line = 0; line < TPanel.GroupBytes; line += 64)
        {
            Sse.Prefetch0(weights + line + PrefetchDistance);
        }

        Sse.Prefetch0((byte*)scales + ScalePrefetchDistance);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1<TPanel>(in IntegerTile tile)
        where TPanel : struct, IIntegerPanel
    {
        var (left, stride) = (tile.Groups, tile.OutputStride);
        var weights = tile.Weights;
        var scales = tile.Scales;
        int* rows = tile.Rows, starts = tile.Starts;
        float* rowScales = tile.RowScales, outputs = tile.Outputs;
        var a0 = Vector256.Load(outputs);
        var b0 = Vector256.Load(outputs + 8);
        for (; left > 0; left--)
        {
            var p0 = Vector256.Create(*starts);
            var q0 = p0;
            Prefetch<TPanel>(weights, scales);
            for (var step = 0; step < 4; step++)
            {
                TPanel.Load(weights, step, 0, out var pEarly, out var pLate);
                TPanel.Load(weights, step, 1, out var qEarly, out var qLate);
                var x = Vector256.Create(*rows).AsSByte();
                p0 = IntegerVectors.AddProducts(p0, pEarly, x);
                q0 = IntegerVectors.AddProducts(q0, qEarly, x);
                x = Vector256.Create(rows[4]).AsSByte();
                p0 = IntegerVectors.AddProducts(p0, pLate, x);
                q0 = IntegerVectors.AddProducts(q0, qLate, x);
                rows += 1;
            }

            var (first, second) = IntegerVectors.Scales(scales);
            var scale = Vector256.Create(*rowScales);
            a0 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(p0), first * scale, a0);
            b0 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(q0), second * scale, b0);
            weights += TPanel.GroupBytes;
            scales += 16;
            rows += 4;
            starts += 1;
            rowScales += 1;
        }

        Vector256.Store(a0, outputs);
        Vector256.Store(b0, outputs + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile2<TPanel>(in IntegerTile tile)
        where TPanel : struct, IIntegerPanel
    {
        var (left, stride) = (tile.Groups, tile.OutputStride);
        var weights = tile.Weights;
        var scales = tile.Scales;
        int* rows = tile.Rows, starts = tile.Starts;
        float* rowScales = tile.RowScales, outputs = tile.Outputs;
        var a0 = Vector256.Load(outputs);
        var b0 = Vector256.Load(outputs + 8);
        var a1 = Vector256.Load(outputs + stride);
        var b1 = Vector256.Load(outputs + stride + 8);
        for (; left > 0; left--)
        {
            var p0 = Vector256.Create(*starts);
            var q0 = p0;
            var p1 = Vector256.Create(starts[1]);
            var q1 = p1;
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
                x = Vector256.Create(rows[8]).AsSByte();
                p0 = IntegerVectors.AddProducts(p0, pLate, x);
                q0 = IntegerVectors.AddProducts(q0, qLate, x);
                x = Vector256.Create(rows[9]).AsSByte();
                p1 = IntegerVectors.AddProducts(p1, pLate, x);
                q1 = IntegerVectors.AddProducts(q1, qLate, x);
                rows += 2;
            }

            var (first, second) = IntegerVectors.Scales(scales);
            var scale = Vector256.Create(*rowScales);
            a0 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(p0), first * scale, a0);
            b0 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(q0), second * scale, b0);
            scale = Vector256.Create(rowScales[1]);
            a1 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(p1), first * scale, a1);
            b1 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(q1), second * scale, b1);
            weights += TPanel.GroupBytes;
            scales += 16;
            rows += 8;
            starts += 2;
            rowScales += 2;
        }

        Vector256.Store(a0, outputs);
        Vector256.Store(b0, outputs + 8);
        Vector256.Store(a1, outputs + stride);
        Vector256.Store(b1, outputs + stride + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4<TPanel>(in IntegerTile tile)
        where TPanel : struct, IIntegerPanel
    {
        var (left, stride) = (tile.Groups, tile.OutputStride);
        var weights = tile.Weights;
        var scales = tile.Scales;
        int* rows = tile.Rows, starts = tile.Starts;
        float* rowScales = tile.RowScales, outputs = tile.Outputs;
        var a0 = Vector256.Load(outputs);
        var b0 = Vector256.Load(outputs + 8);
        var a1 = Vector256.Load(outputs + stride);
        var b1 = Vector256.Load(outputs + stride + 8);
        var a2 = Vector256.Load(outputs + (stride * 2));
        var b2 = Vector256.Load(outputs + (stride * 2) + 8);
        var a3 = Vector256.Load(outputs + (stride * 3));
        var b3 = Vector256.Load(outputs + (stride * 3) + 8);
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
                x = Vector256.Create(rows[16]).AsSByte();
                p0 = IntegerVectors.AddProducts(p0, pLate, x);
                q0 = IntegerVectors.AddProducts(q0, qLate, x);
                x = Vector256.Create(rows[17]).AsSByte();
                p1 = IntegerVectors.AddProducts(p1, pLate, x);
                q1 = IntegerVectors.AddProducts(q1, qLate, x);
                x = Vector256.Create(rows[18]).AsSByte();
                p2 = IntegerVectors.AddProducts(p2, pLate, x);
                q2 = IntegerVectors.AddProducts(q2, qLate, x);
                x = Vector256.Create(rows[19]).AsSByte();
                p3 = IntegerVectors.AddProducts(p3, pLate, x);
                q3 = IntegerVectors.AddProducts(q3, qLate, x);
                rows += 4;
            }

            var (first, second) = IntegerVectors.Scales(scales);
            var scale = Vector256.Create(*rowScales);
            a0 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(p0), first * scale, a0);
            b0 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(q0), second * scale, b0);
            scale = Vector256.Create(rowScales[1]);
            a1 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(p1), first * scale, a1);
            b1 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(q1), second * scale, b1);
            scale = Vector256.Create(rowScales[2]);
            a2 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(p2), first * scale, a2);
            b2 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(q2), second * scale, b2);
            scale = Vector256.Create(rowScales[3]);
            a3 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(p3), first * scale, a3);
            b3 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(q3), second * scale, b3);
            weights += TPanel.GroupBytes;
            scales += 16;
            rows += 16;
            starts += 4;
            rowScales += 4;
        }

        Vector256.Store(a0, outputs);
        Vector256.Store(b0, outputs + 8);
        Vector256.Store(a1, outputs + stride);
        Vector256.Store(b1, outputs + stride + 8);
        Vector256.Store(a2, outputs + (stride * 2));
        Vector256.Store(b2, outputs + (stride * 2) + 8);
        Vector256.Store(a3, outputs + (stride * 3));
        Vector256.Store(b3, outputs + (stride * 3) + 8);
    }
}
