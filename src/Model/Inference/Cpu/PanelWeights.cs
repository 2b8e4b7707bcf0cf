using Orca.Model.Weights;

namespace Orca.Model.Inference.Cpu;

// O outputs, I inputs.

/// <summary>
/// A matrix [O, I] kept in panels of 16 outputs, and the product with it. Several matrices of the same inputs can be one,
/// below one another: queries, keys and values; gate and up. Owns its memory, so that nothing that happens to the file
/// it came from can change it.
/// </summary>
internal sealed unsafe class PanelWeights : IDisposable
{
    private const int PanelOutputs = 16;

    // Inputs of a step that stay in a core's second-level cache while the weights pass by.
    private const int CachedInputBytes = 512 << 10;

    private readonly NativeBuffer words;
    private readonly NativeBuffer? scales;
    private readonly PanelFormat format;
    private readonly int padded;
    private readonly int pairs;
    private readonly long panelWords;

    private PanelWeights(PanelFormat format, int outputs, int inputs)
    {
        this.format = format;
        (Outputs, Inputs) = (outputs, inputs);
        padded = format.Padded(inputs);
        panelWords = (long)format.Words(padded) * PanelOutputs;
        pairs = (outputs + (2 * PanelOutputs) - 1) / (2 * PanelOutputs);
        words = new NativeBuffer(pairs * 2 * panelWords * sizeof(uint));
        scales = format.IsInteger() ? new NativeBuffer(pairs * 2L * GroupScales * sizeof(ushort)) : null;
    }

    /// <summary>O.</summary>
    public int Outputs { get; }

    /// <summary>I.</summary>
    public int Inputs { get; }

    /// <summary>What it is kept in.</summary>
    public PanelFormat Format => format;

    /// <summary>Sums of a row with those of the panels' padding: a multiple of 32.</summary>
    public int OutputStride => pairs * 2 * PanelOutputs;

    /// <summary>Bytes of weights and scales, padding included.</summary>
    public long Bytes => words.Bytes + (scales?.Bytes ?? 0);

    private int GroupScales => padded / PanelFormats.Group * PanelOutputs;

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
            Parallel.For(0, weights.pairs * 2, options, () => new PackScratch(weights), (panel, _, scratch) =>
            {
                weights.PackPanel(panel, matrices, scratch);
                return scratch;
            }, _ => { });
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

    /// <summary>On the calling thread: a parallel loop of one would after a while go on in the thread pool, at its priority.</summary>
    private void PackAlone(IReadOnlyList<IWeightRows> matrices)
    {
        var scratch = new PackScratch(this);
        for (var panel = 0; panel < pairs * 2; panel++)
        {
            PackPanel(panel, matrices, scratch);
        }
    }

    /// <summary>Computes the outputs of every packed row.</summary>
    /// <param name="pool">Who computes.</param>
    /// <param name="rows">The inputs, packed for <see cref="Format"/>.</param>
    /// <param name="outputs">[rows rounded up to whole tiles, stride].</param>
    /// <param name="stride">Values from one row of outputs to the next, at least <see cref="OutputStride"/>.</param>
    /// <param name="adds">Whether the products are added to what the outputs hold.</param>
    public void Multiply(WorkerPool pool, PackedRows rows, float* outputs, long stride, bool adds)
    {
        var pairsOfPart = Math.Clamp(pairs / (pool.Threads * 8), 1, 16);
        var product = new Product
        {
            Words = (uint*)words.Data,
            Scales = scales is null ? null : (ushort*)scales.Data,
            PanelWords = panelWords,
            GroupScales = GroupScales,
            BlockInputs = BlockInputs(rows.View),
            Pairs = pairs,
            PairsOfPart = pairsOfPart,
            Format = format,
            Rows = rows.View,
            Outputs = outputs,
            Stride = stride,
            Adds = adds,
        };
        pool.Run(product, (pairs + pairsOfPart - 1) / pairsOfPart);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        words.Dispose();
        scales?.Dispose();
    }

    private int BlockInputs(in PackedView rows)
    {
        if (rows.Tiles == 1)
        {
            return padded;
        }

        var bytesOfInput = rows.Rows * (format.IsInteger() ? sizeof(byte) : sizeof(float));
        return Math.Min(Math.Max(CachedInputBytes / bytesOfInput / 256 * 256, 256), padded);
    }

    private void PackPanel(int panel, IReadOnlyList<IWeightRows> matrices, PackScratch scratch)
    {
        for (var output = 0; output < PanelOutputs; output++)
        {
            scratch.Words[output].AsSpan().Clear();
            scratch.Scales[output].AsSpan().Clear();
            var row = (panel * PanelOutputs) + output;
            var matrix = 0;
            while (matrix < matrices.Count && row >= matrices[matrix].Rows)
            {
                row -= matrices[matrix++].Rows;
            }

            if (matrix < matrices.Count)
            {
                RowEncoder.Encode(format, matrices[matrix], row, scratch.Words[output], scratch.Scales[output], scratch.Values);
            }
        }

        Interleave(scratch.Words, (uint*)words.Data + (panel * panelWords));
        if (scales is not null)
        {
            Interleave(scratch.Scales, (ushort*)scales.Data + ((long)panel * GroupScales));
        }
    }

    private static void Interleave<T>(T[][] rows, T* to)
        where T : unmanaged
    {
        for (var word = 0; word < rows[0].Length; word++)
        {
            for (var output = 0; output < PanelOutputs; output++)
            {
                *to++ = rows[output][word];
            }
        }
    }

    /// <summary>What one thread needs to pack a panel.</summary>
    private sealed class PackScratch(PanelWeights weights)
    {
        public uint[][] Words { get; } = [.. Enumerable.Range(0, PanelOutputs).Select(_ => new uint[weights.format.Words(weights.padded)])];

        public ushort[][] Scales { get; } = [.. Enumerable.Range(0, PanelOutputs).Select(_ => new ushort[weights.padded / PanelFormats.Group])];

        public float[] Values { get; } = new float[weights.padded];
    }
}
