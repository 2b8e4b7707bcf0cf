using Orca.Model.Inference.Cpu.Kernels;
using Orca.Model.Inference.Cpu.Machine;
using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Products;

/// <summary>
/// Products of large matrices of fp32 by the kernels that serving multiplies with, in fp32 or rounded to bf16; sums are always in fp32,
/// and equal to the bit from run to run and for any number of threads. Owned by one thread; memory is kept from product to product.
/// </summary>
internal sealed unsafe class PanelProducts : IDisposable
{
    private readonly TileKernel kernel;
    private readonly NativeBuffer scratch;

    /// <param name="kernel">What computes tiles.</param>
    /// <param name="threads">Threads, the caller's included.</param>
    public PanelProducts(TileKernel kernel, int threads)
    {
        this.kernel = kernel;
        Pool = new WorkerPool(threads);
        scratch = new NativeBuffer(threads * RowsProduct.ScratchBytes(kernel));
    }

    /// <summary>What computes tiles.</summary>
    public TileKernel Kernel => kernel;

    /// <summary>Memory of <see cref="RowsProduct.ScratchBytes"/> for each thread.</summary>
    public byte* Scratch => scratch.Data;

    /// <summary>Who computes.</summary>
    public WorkerPool Pool { get; }

    /// <summary>Packs a side of a product as columns.</summary>
    public void Pack(PanelBuffer buffer, in Operand columns)
    {
        var units = kernel.Inputs.Padded(kernel.Panels.Units(columns.Inner));
        var panels = (columns.Count + PanelFormats.PanelOutputs - 1) / PanelFormats.PanelOutputs;
        var packing = new PanelPacking
        {
            From = columns,
            Format = kernel.Panels,
            UnitBytes = kernel.PanelUnitBytes,
            Units = units,
            To = buffer.Begin(columns.Count, panels, (long)units * kernel.PanelUnitBytes),
        };
        Pool.Run(packing, packing.Parts);
    }

    /// <summary>Multiplies rows with sets of columns.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="columns">The sets.</param>
    /// <param name="isSymmetric">As <see cref="RowsProduct.IsSymmetric"/>.</param>
    public void Multiply(in Operand rows, ReadOnlySpan<ProductColumns> columns, bool isSymmetric = false)
    {
        fixed (ProductColumns* sets = columns)
        {
            var product = new RowsProduct
            {
                Kernel = kernel,
                Rows = rows,
                Columns = sets,
                ColumnSets = columns.Length,
                Scratch = scratch.Data,
                IsSymmetric = isSymmetric,
            };
            Pool.Run(product, product.Parts);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Pool.Dispose();
        scratch.Dispose();
    }
}

/// <summary>Memory for the panels of one side of a product; grows to the largest it has held.</summary>
internal sealed unsafe class PanelBuffer : IDisposable
{
    private NativeBuffer? memory;
    private int count;
    private long panelBytes;

    /// <summary>Bytes it takes.</summary>
    public long Bytes => memory?.Bytes ?? 0;

    /// <summary>Makes room for panels, and gives their place; what it held is gone.</summary>
    public byte* Begin(int columns, int panels, long bytesOfPanel)
    {
        (count, panelBytes) = (columns, bytesOfPanel);
        if (memory is null || memory.Bytes < panels * bytesOfPanel)
        {
            memory?.Dispose();
            memory = new NativeBuffer(panels * bytesOfPanel);
        }

        return memory.Data;
    }

    /// <summary>The packed columns, multiplied into [R, C].</summary>
    /// <param name="outputs">Where to.</param>
    /// <param name="adds">Whether the product is added to what lies there.</param>
    /// <param name="bias">[C] that every row begins with; null: zeros.</param>
    public ProductColumns Into(float* outputs, bool adds, float* bias = null) => new()
    {
        Panels = memory!.Data,
        PanelBytes = panelBytes,
        Columns = count,
        Outputs = outputs,
        Adds = adds,
        Bias = bias,
    };

    /// <inheritdoc/>
    public void Dispose() => memory?.Dispose();
}
