using Orca.Model.Inference.Cpu.Kernels;
using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Products;

/// <summary>Panels of one side of small products, packed and multiplied by one thread in memory of its own.</summary>
internal unsafe struct WorkerPanels
{
    private readonly TileKernel kernel;
    private readonly byte* data;
    private long panelBytes;

    /// <param name="kernel">What multiplies.</param>
    /// <param name="data">As many bytes as <see cref="Bytes"/> says, aligned to cache lines.</param>
    public WorkerPanels(in TileKernel kernel, byte* data)
    {
        this.kernel = kernel;
        this.data = data;
    }

    /// <summary>Bytes for so many columns of an inner length.</summary>
    public static long Bytes(in TileKernel kernel, int columns, int inner) => Panels(columns) * PanelBytes(kernel, inner);

    /// <summary>Packs columns; what was packed before is gone.</summary>
    public void Pack(in Operand columns)
    {
        panelBytes = PanelBytes(kernel, columns.Inner);
        var packing = new PanelPacking
        {
            From = columns,
            Format = kernel.Panels,
            UnitBytes = kernel.PanelUnitBytes,
            Units = (int)(panelBytes / kernel.PanelUnitBytes),
            To = data,
        };
        for (var part = 0; part < packing.Parts; part++)
        {
            packing.Do(part, worker: 0);
        }
    }

    /// <summary>Some of the columns, over a stretch of their inner length.</summary>
    /// <param name="first">The first, a multiple of a panel's outputs.</param>
    /// <param name="count">How many.</param>
    /// <param name="inner">Where the stretch begins, a multiple of a panel's outputs; rows say where it ends.</param>
    /// <param name="outputs">What they are multiplied into.</param>
    /// <param name="stride">Values from one row of the outputs to the next.</param>
    /// <param name="adds">Whether products are added to what the outputs hold.</param>
    public readonly ProductColumns Into(int first, int count, int inner, float* outputs, long stride, bool adds = false) => new()
    {
        Panels = data + (first / PanelFormats.PanelOutputs * panelBytes) + ((long)(inner / 2) * kernel.PanelUnitBytes),
        PanelBytes = panelBytes,
        Columns = count,
        Outputs = outputs,
        Stride = stride,
        Adds = adds,
    };

    private static long Panels(int columns) => (columns + PanelFormats.PanelOutputs - 1) / PanelFormats.PanelOutputs;

    private static long PanelBytes(in TileKernel kernel, int inner) =>
        (long)kernel.Inputs.Padded(kernel.Panels.Units(inner)) * kernel.PanelUnitBytes;
}
