using System.Numerics;
using Orca.Model.Inference.Cpu.Kernels;
using Orca.Model.Inference.Cpu.Machine;

namespace Orca.Model.Inference.Cpu.Panels;

/// <summary>
/// The product of packed rows with panels of weights; a part is some neighbouring panels. Of many rows, inputs are taken in
/// blocks that stay in a core's second-level cache for all panels of a part, and of these as much at once as keeps a panel's
/// weights in the first-level cache for all rows. What a block adds to is kept in the outputs, so each output is still one sum
/// in the order of the inputs.
/// </summary>
internal unsafe struct Product : IParallelWork
{
    // About the latency of memory times what one core can stream.
    private const int BytesAhead = 3_072;

    public byte* Weights;
    public long PanelBytes;
    public int Panels;
    public int PanelsOfPart;
    public TileKernel Kernel;
    public PackedView Rows;
    public float* Outputs;
    public long Stride;
    public bool Adds;

    /// <summary>Units of a block.</summary>
    public int BlockUnits;

    /// <summary>Units at once.</summary>
    public int RunUnits;

    /// <inheritdoc/>
    public readonly void Do(int part, int worker)
    {
        var first = part * PanelsOfPart;
        var end = Math.Min(first + PanelsOfPart, Panels);
        for (var block = 0; block < Rows.Units; block += BlockUnits)
        {
            var blockEnd = Math.Min(block + BlockUnits, Rows.Units);
            for (var panel = first; panel < end; panel++)
            {
                for (var unit = block; unit < blockEnd; unit += RunUnits)
                {
                    var runEnd = Math.Min(unit + RunUnits, blockEnd);
                    var next = runEnd < blockEnd ? Place(panel, runEnd) : Place(panel + 1, block);
                    AddRun(panel, unit, runEnd - unit, next);
                }
            }
        }
    }

    private readonly byte* Place(int panel, int unit) => Weights + (panel * PanelBytes) + ((long)unit * Kernel.Panels.UnitBytes());

    /// <summary>Adds one run of units to all rows, and asks meanwhile for the run that comes next, an equal share with each tile.</summary>
    private readonly void AddRun(int panel, int unit, int units, byte* next)
    {
        var weights = Place(panel, unit);
        var share = Math.Min(BitOperations.Log2((uint)Rows.Tiles), TileKernel.MaxShare);
        var shareBytes = ((long)units * Kernel.Panels.UnitBytes()) >> share;
        for (var tile = 0; tile < Rows.Tiles; tile++)
        {
            var rows = Rows.RowsOf(tile);
            var outputs = Outputs + ((long)tile * Rows.TileRows * Stride) + (PanelFormats.PanelOutputs * panel);
            if (unit == 0 && !Adds)
            {
                Clear(outputs, rows);
            }

            Kernel.Run(rows, share, new Tile
            {
                Weights = weights,
                Rows = Rows.Place(tile, unit),
                Units = units,
                Outputs = outputs,
                OutputBytes = Stride * sizeof(float),
                Ahead = Rows.Tiles == 1 ? weights + BytesAhead : tile >> share == 0 ? next + (tile * shareBytes) : weights,
            });
        }
    }

    private readonly void Clear(float* outputs, int rows)
    {
        for (var row = 0; row < rows; row++)
        {
            new Span<float>(outputs + (row * Stride), PanelFormats.PanelOutputs).Clear();
        }
    }
}
