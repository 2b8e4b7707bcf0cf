using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Orca.Model.Inference.Cpu;

/// <summary>One block of a product: some rows of inputs times two neighbouring panels, for a run of inputs.</summary>
internal unsafe struct FloatTile
{
    /// <summary>The first panel's weights for the first of these inputs.</summary>
    public byte* Weights;

    /// <summary>From one panel to the next, in bytes.</summary>
    public long PanelBytes;

    /// <summary>Inputs, [pairs, 2, rows of the tile].</summary>
    public float* Rows;

    /// <summary>Pairs of inputs.</summary>
    public long Pairs;

    /// <summary>Where the 32 sums of the first row lie; they are added to.</summary>
    public float* Outputs;

    /// <summary>Values from one row of sums to the next.</summary>
    public long OutputStride;
}

/// <summary>
/// The inner loops of floating-point products, one for each height of tile: all its sums stay in registers (at most 24 of 32), so
/// that every weight loaded serves all rows and every input both panels. Written out, since a compiler keeps only named
/// variables in registers.
/// </summary>
internal static unsafe partial class FloatTiles
{
    // What is loaded now was asked for this many bytes ago: about the latency of memory times what one core can stream.
    private const int PrefetchDistance = 2_048;

    /// <summary>Adds a tile's products to its sums.</summary>
    /// <param name="rows">Height of the tile: 1, 2, 4, 8 or 12.</param>
    /// <param name="tile">Where it lies.</param>
    public static void Add<TPanel>(int rows, in FloatTile tile)
        where TPanel : struct, IFloatPanel
    {
        switch (rows)
        {
            case 1: Tile1<TPanel>(tile); break;
            case 2: Tile2<TPanel>(tile); break;
            case 4: Tile4<TPanel>(tile); break;
            case 8: Tile8<TPanel>(tile); break;
            default: Tile12<TPanel>(tile); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch<TPanel>(byte* weights, long panel)
        where TPanel : struct, IFloatPanel
    {
        if (!Sse.IsSupported)
        {
            return;
        }

        for (var line = 0; line < TPanel.PairBytes; line += 64)
        {
            Sse.Prefetch0(weights + line + PrefetchDistance);
            Sse.Prefetch0(weights + line + panel + PrefetchDistance);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1<TPanel>(in FloatTile tile)
        where TPanel : struct, IFloatPanel
    {
        var weights = tile.Weights;
        float* rows = tile.Rows, outputs = tile.Outputs;
        long panel = tile.PanelBytes, stride = tile.OutputStride;
        var a0 = Vector512.Load(outputs);
        var b0 = Vector512.Load(outputs + 16);
        for (var left = tile.Pairs; left > 0; left--)
        {
            TPanel.Load(weights, out var aFirst, out var aSecond);
            TPanel.Load(weights + panel, out var bFirst, out var bSecond);
            Prefetch<TPanel>(weights, panel);
            var x = Vector512.Create(*rows);
            a0 = Vector512.FusedMultiplyAdd(x, aFirst, a0);
            b0 = Vector512.FusedMultiplyAdd(x, bFirst, b0);
            x = Vector512.Create(rows[1]);
            a0 = Vector512.FusedMultiplyAdd(x, aSecond, a0);
            b0 = Vector512.FusedMultiplyAdd(x, bSecond, b0);
            weights += TPanel.PairBytes;
            rows += 2;
        }

        Vector512.Store(a0, outputs);
        Vector512.Store(b0, outputs + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile2<TPanel>(in FloatTile tile)
        where TPanel : struct, IFloatPanel
    {
        var weights = tile.Weights;
        float* rows = tile.Rows, outputs = tile.Outputs;
        long panel = tile.PanelBytes, stride = tile.OutputStride;
        var a0 = Vector512.Load(outputs);
        var b0 = Vector512.Load(outputs + 16);
        var a1 = Vector512.Load(outputs + stride);
        var b1 = Vector512.Load(outputs + stride + 16);
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
            a0 = Vector512.FusedMultiplyAdd(x, aSecond, a0);
            b0 = Vector512.FusedMultiplyAdd(x, bSecond, b0);
            x = Vector512.Create(rows[3]);
            a1 = Vector512.FusedMultiplyAdd(x, aSecond, a1);
            b1 = Vector512.FusedMultiplyAdd(x, bSecond, b1);
            weights += TPanel.PairBytes;
            rows += 4;
        }

        Vector512.Store(a0, outputs);
        Vector512.Store(b0, outputs + 16);
        Vector512.Store(a1, outputs + stride);
        Vector512.Store(b1, outputs + stride + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4<TPanel>(in FloatTile tile)
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
            a0 = Vector512.FusedMultiplyAdd(x, aSecond, a0);
            b0 = Vector512.FusedMultiplyAdd(x, bSecond, b0);
            x = Vector512.Create(rows[5]);
            a1 = Vector512.FusedMultiplyAdd(x, aSecond, a1);
            b1 = Vector512.FusedMultiplyAdd(x, bSecond, b1);
            x = Vector512.Create(rows[6]);
            a2 = Vector512.FusedMultiplyAdd(x, aSecond, a2);
            b2 = Vector512.FusedMultiplyAdd(x, bSecond, b2);
            x = Vector512.Create(rows[7]);
            a3 = Vector512.FusedMultiplyAdd(x, aSecond, a3);
            b3 = Vector512.FusedMultiplyAdd(x, bSecond, b3);
            weights += TPanel.PairBytes;
            rows += 8;
        }

        Vector512.Store(a0, outputs);
        Vector512.Store(b0, outputs + 16);
        Vector512.Store(a1, outputs + stride);
        Vector512.Store(b1, outputs + stride + 16);
        Vector512.Store(a2, outputs + (stride * 2));
        Vector512.Store(b2, outputs + (stride * 2) + 16);
        Vector512.Store(a3, outputs + (stride * 3));
        Vector512.Store(b3, outputs + (stride * 3) + 16);
    }
}
