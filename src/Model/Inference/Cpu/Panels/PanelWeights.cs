using Orca.Model.Inference.Cpu.Kernels;
using Orca.Model.Inference.Cpu.Machine;
using Orca.Model.Weights;

namespace Orca.Model.Inference.Cpu.Panels;

// O outputs, I inputs.

/// <summary>
/// A matrix [O, I] kept in panels of one format, and the product with it. Several matrices of the same inputs can be one, below
/// one another. Owns its memory, so that nothing that happens to the file it came from can change it.
/// </summary>
internal sealed unsafe class PanelWeights : IDisposable
{
    // Inputs of a step that stay in a core's second-level cache while the weights pass by.
    private const int CachedInputBytes = 512 << 10;

    // Weights of a panel that stay in its first-level cache while the rows pass by.
    private const int CachedPanelBytes = 16 << 10;

    private readonly NativeBuffer memory;
    private readonly TileKernel kernel;
    private readonly int panels;
    private readonly int units;
    private readonly long panelBytes;

    private PanelWeights(PanelFormat format, int outputs, int inputs)
    {
        (Format, Outputs, Inputs) = (format, outputs, inputs);
        kernel = TileKernels.ForWeights(format);
        units = kernel.Inputs.Padded(format.Units(inputs));
        panelBytes = (long)units * format.UnitBytes();
        panels = (outputs + PanelFormats.PanelOutputs - 1) / PanelFormats.PanelOutputs;
        memory = new NativeBuffer(panels * panelBytes);
    }

    /// <summary>O.</summary>
    public int Outputs { get; }

    /// <summary>I.</summary>
    public int Inputs { get; }

    /// <summary>What it is kept in.</summary>
    public PanelFormat Format { get; }

    /// <summary>Sums of a row with those of the last panel's padding.</summary>
    public int OutputStride => panels * PanelFormats.PanelOutputs;

    /// <summary>Bytes of weights and scales, padding included.</summary>
    public long Bytes => memory.Bytes;

    /// <summary>Packs matrices of the same inputs, one below the other.</summary>
    public static PanelWeights Pack(PanelFormat format, IReadOnlyList<IWeightRows> matrices, int threads)
    {
        var weights = new PanelWeights(format, matrices.Sum(matrix => matrix.Rows), matrices[0].Columns);
        try
        {
            if (threads == 1)
            {
                weights.PackAlone(matrices);
                return weights;
            }

            var options = new ParallelOptions { MaxDegreeOfParallelism = threads };
            Parallel.For(0, weights.panels, options, () => new PackScratch(format, weights.units), (panel, _, scratch) =>
            {
                weights.PackPanel(panel, matrices, scratch);
                return scratch;
            }, scratch => scratch.Dispose());
            return weights;
        }
        catch (AggregateException fault) when (fault.InnerExceptions.Count > 0)
        {
            weights.Dispose();
            throw fault.InnerExceptions[0];
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Begins to pack rows for the product with it.</summary>
    public void Begin(PackedRows rows, int count) => rows.Begin(count, Inputs, kernel);

    /// <summary>Whether rows that were packed for another matrix are what this one takes.</summary>
    public bool TakesInputsOf(PanelWeights other) =>
        kernel.Inputs == other.kernel.Inputs && (Format == other.Format || Format.IsSuperBlock());

    /// <summary>Computes the outputs of every packed row.</summary>
    /// <param name="pool">Who computes.</param>
    /// <param name="rows">The inputs, packed for this matrix.</param>
    /// <param name="outputs">[rows, stride].</param>
    /// <param name="stride">Values from one row of outputs to the next, at least <see cref="OutputStride"/>.</param>
    /// <param name="adds">Whether the products are added to what the outputs hold.</param>
    public void Multiply(WorkerPool pool, PackedRows rows, float* outputs, long stride, bool adds)
    {
        var panelsOfPart = Math.Clamp(panels / (pool.Threads * 8), 1, 16);
        var product = new Product
        {
            Weights = memory.Data,
            PanelBytes = panelBytes,
            Panels = panels,
            PanelsOfPart = panelsOfPart,
            Kernel = kernel,
            Rows = rows.View,
            Outputs = outputs,
            Stride = stride,
            Adds = adds,
            BlockUnits = UnitsWithin(CachedInputBytes, rows.View.Rows * kernel.Inputs.UnitWords() * sizeof(uint), rows.View),
            RunUnits = UnitsWithin(CachedPanelBytes, Format.UnitBytes(), rows.View),
        };
        pool.Run(product, (panels + panelsOfPart - 1) / panelsOfPart);
    }

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();

    /// <summary>Units that fit into some bytes: all of them where one tile passes over them only.</summary>
    private int UnitsWithin(int bytes, int unitBytes, in PackedView rows)
    {
        var together = rows.Form.UnitsTogether();
        return rows.Tiles == 1 ? units : Math.Clamp(bytes / unitBytes / together, 1, units / together) * together;
    }

    /// <summary>
    /// On the calling thread: a parallel loop of one would after a while go on in the thread pool, at its priority. Yields often,
    /// since alone is who packs beside a student that answers.
    /// </summary>
    private void PackAlone(IReadOnlyList<IWeightRows> matrices)
    {
        using var scratch = new PackScratch(Format, units);
        for (var panel = 0; panel < panels; panel++)
        {
            Thread.Yield();
            PackPanel(panel, matrices, scratch);
        }
    }

    private void PackPanel(int panel, IReadOnlyList<IWeightRows> matrices, PackScratch scratch)
    {
        for (var output = 0; output < PanelFormats.PanelOutputs; output++)
        {
            var row = (panel * PanelFormats.PanelOutputs) + output;
            var matrix = 0;
            while (matrix < matrices.Count && row >= matrices[matrix].Rows)
            {
                row -= matrices[matrix++].Rows;
            }

            scratch.Encode(output, matrix < matrices.Count ? matrices[matrix] : null, row);
        }

        scratch.Write(memory.Data + (panel * panelBytes));
    }
}
