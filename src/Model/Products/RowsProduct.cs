using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Orca.Model.Inference.Cpu.Kernels;
using Orca.Model.Inference.Cpu.Machine;
using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Products;

/// <summary>
/// The product of rows with several sets of columns. A part is some tiles of rows: whoever does it packs them, a block of the inner
/// length at a time that stays in the core's second-level cache, and lets all panels pass by. Every output is summed by one thread in one
/// order, whatever the number of threads.
/// </summary>
internal unsafe struct RowsProduct : IParallelWork
{
    private const int Outputs = PanelFormats.PanelOutputs;

    // Of a panel, what stays in the first-level cache while the tiles pass by.
    private const int CachedPanelBytes = 16 << 10;

    // Rows that stay in the second-level cache while the panels pass by.
    private const int CachedRowBytes = 384 << 10;

    // Behind the packed rows: more than packing overwrites. The edge's sums follow.
    private const int RowSlackBytes = 4_096;

    private const int LeastParts = 8;
    private const int MostTilesOfPart = 8;

    public TileKernel Kernel;
    public Operand Rows;
    public ProductColumns* Columns;
    public int ColumnSets;

    /// <summary>Memory of <see cref="ScratchBytes"/> for each worker.</summary>
    public byte* Scratch;

    /// <summary>
    /// Whether the product equals its transpose: of a row's panels those that end before the one on the diagonal are left out.
    /// </summary>
    public bool IsSymmetric;

    /// <summary>Whether one thread does all parts, so that there need not be several.</summary>
    public bool IsAlone;

    /// <summary>Bytes that a worker needs for a kernel, whatever the sizes.</summary>
    public static long ScratchBytes(in TileKernel kernel) =>
        CachedRowBytes + RowSlackBytes + (MostTilesOfPart * kernel.MaxRows * (Outputs * sizeof(float)));

    public readonly int Parts => (Tiles + TilesOfPart - 1) / TilesOfPart;

    // As few tiles as there can be, of about the same height.
    private readonly int Tiles => (Rows.Count + Kernel.MaxRows - 1) / Kernel.MaxRows;

    private readonly int TileRows => (Rows.Count + Tiles - 1) / Tiles;

    private readonly int TilesOfPart => Math.Clamp(IsAlone ? Tiles : Tiles / LeastParts, 1, MostTilesOfPart);

    private readonly int Units => Kernel.Inputs.Padded(Kernel.Panels.Units(Rows.Inner));

    private readonly int RowsOf(int tile) => Math.Min(TileRows, Rows.Count - (tile * TileRows));

    /// <summary>Does all parts on the thread of a worker.</summary>
    public void DoAll(int worker)
    {
        IsAlone = true;
        for (var part = 0; part < Parts; part++)
        {
            Do(part, worker);
        }
    }

    /// <inheritdoc/>
    public readonly void Do(int part, int worker)
    {
        var (kernel, units, together) = (Kernel, Units, Kernel.Inputs.UnitsTogether());
        var first = part * TilesOfPart;
        var stretch = new Stretch
        {
            FirstRow = first * TileRows,
            Rows = Math.Min(TilesOfPart * TileRows, Rows.Count - (first * TileRows)),
            TileRows = TileRows,
            Packed = Scratch + (worker * ScratchBytes(kernel)),
        };
        var rowUnitBytes = TilesOfPart * TileRows * kernel.RowUnitWords * sizeof(float);
        var blockUnits = Math.Clamp(CachedRowBytes / rowUnitBytes, together, RowPacking.MostUnits) / together * together;
        stretch.Edge = (float*)(stretch.Packed + CachedRowBytes + RowSlackBytes);
        for (var unit = 0; unit < units; unit += blockUnits)
        {
            stretch.FirstUnit = unit;
            stretch.Units = Math.Min(blockUnits, units - unit);
            Pack(stretch);
            for (var set = 0; set < ColumnSets; set++)
            {
                for (var panel = IsSymmetric ? stretch.FirstRow / Outputs : 0; panel < Columns[set].PanelCount; panel++)
                {
                    AddPanel(stretch, Columns[set], panel);
                }
            }
        }
    }

    private readonly void Pack(in Stretch stretch)
    {
        var packing = new RowPacking(Kernel.Inputs, Rows);
        for (var row = 0; row < stretch.Rows; row += stretch.TileRows)
        {
            packing.Pack(
                stretch.FirstRow + row, stretch.RowsFrom(row), stretch.FirstUnit, stretch.Units,
                stretch.Tile(row, 0, Kernel.RowUnitWords));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void AddPanel(in Stretch stretch, in ProductColumns columns, int panel)
    {
        var stride = columns.Stride > 0 ? columns.Stride : columns.Columns;
        var outputs = columns.Outputs + (stretch.FirstRow * stride) + (panel * Outputs);
        var width = Math.Min(Outputs, columns.Columns - (panel * Outputs));
        var isFirst = stretch.FirstUnit == 0 && !columns.Adds;
        var stores = isFirst && columns.Bias == null && Kernel.CanBegin;
        if (isFirst && !stores)
        {
            Begin(outputs, stride, stretch.Rows, width, columns.Bias == null ? null : columns.Bias + (panel * Outputs));
        }

        // Kernels write whole panels.
        if (width < Outputs && !stores)
        {
            CopyRows(outputs, stride, stretch.Edge, Outputs, stretch.Rows, width);
        }

        var to = width < Outputs ? stretch.Edge : outputs;
        var toStride = width < Outputs ? Outputs : stride;
        var runUnits = CachedPanelBytes / Kernel.PanelUnitBytes;
        var place = columns.Panels + (panel * columns.PanelBytes) + ((long)stretch.FirstUnit * Kernel.PanelUnitBytes);
        for (var unit = 0; unit < stretch.Units; unit += runUnits)
        {
            var units = Math.Min(runUnits, stretch.Units - unit);
            var isLast = unit + units >= stretch.Units;
            var next = isLast ? place + columns.PanelBytes : place + ((long)(unit + units) * Kernel.PanelUnitBytes);
            AddRun(stretch, place + ((long)unit * Kernel.PanelUnitBytes), unit, units, next, to, toStride, stores && unit == 0);
        }

        if (width < Outputs)
        {
            CopyRows(stretch.Edge, Outputs, outputs, stride, stretch.Rows, width);
        }
    }

    /// <summary>Adds one run of a panel to all tiles, and asks meanwhile for the run that comes next, an equal share with each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void AddRun(
        in Stretch stretch, byte* weights, int unit, int units, byte* next, float* outputs, long stride, bool begins)
    {
        var tiles = (stretch.Rows + stretch.TileRows - 1) / stretch.TileRows;
        var share = Math.Min(BitOperations.Log2((uint)tiles), TileKernel.MaxShare);
        var shareBytes = ((long)units * Kernel.PanelUnitBytes) >> share;
        for (var tile = 0; tile < tiles; tile++)
        {
            var row = tile * stretch.TileRows;
            Kernel.Run(stretch.RowsFrom(row), share, new Tile
            {
                Weights = weights,
                Rows = (byte*)stretch.Tile(row, unit, Kernel.RowUnitWords),
                Units = units,
                Outputs = outputs + (row * stride),
                OutputBytes = stride * sizeof(float),
                Begins = begins ? 1 : 0,
                Ahead = tile >> share == 0 ? next + (tile * shareBytes) : weights,
            });
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Begin(float* outputs, long stride, int rows, int width, float* bias)
    {
        // Most panels are whole: two vectors a row.
        const int half = Outputs / 2;
        var (low, high) = (Vector512<float>.Zero, Vector512<float>.Zero);
        if (width == Outputs && bias != null)
        {
            (low, high) = (Vector512.Load(bias), Vector512.Load(bias + half));
        }

        for (var row = 0; row < rows; row++, outputs += stride)
        {
            if (width == Outputs)
            {
                low.Store(outputs);
                high.Store(outputs + half);
            }
            else if (bias == null)
            {
                new Span<float>(outputs, width).Clear();
            }
            else
            {
                new Span<float>(bias, width).CopyTo(new Span<float>(outputs, width));
            }
        }
    }

    private static void CopyRows(float* from, long fromStride, float* to, long toStride, int rows, int width)
    {
        for (var row = 0; row < rows; row++)
        {
            new Span<float>(from + (row * fromStride), width).CopyTo(new Span<float>(to + (row * toStride), width));
        }
    }

    /// <summary>The rows of a part, and a block of the inner length.</summary>
    private struct Stretch
    {
        public int FirstRow;
        public int Rows;
        public int TileRows;
        public int FirstUnit;
        public int Units;

        /// <summary>The packed rows, tile by tile.</summary>
        public byte* Packed;

        /// <summary>[rows, 32]: outputs of a panel that is partly empty.</summary>
        public float* Edge;

        /// <summary>Rows of the tile that begins at a row.</summary>
        public readonly int RowsFrom(int row) => Math.Min(TileRows, Rows - row);

        /// <summary>Where a unit of the tile that begins at a row lies.</summary>
        public readonly uint* Tile(int row, int unit, int unitWords) =>
            (uint*)Packed + ((((long)row * Units) + ((long)unit * RowsFrom(row))) * unitWords);
    }
}
