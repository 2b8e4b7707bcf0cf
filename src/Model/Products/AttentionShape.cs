using Orca.Model.Inference.Cpu.Kernels;
using Orca.Model.Inference.Cpu.Panels;
using Orca.Model.Network;

namespace Orca.Model.Products;

// N tokens of all rows, L of a document, H heads, K key/value heads, D head dimension; a block has some queries of a document, which see
// C keys.

/// <summary>
/// What attention over packed documents works on. A part is a document's one key head with all query heads that share it, so that whatever
/// is added up is added up by one thread in one order.
/// </summary>
internal unsafe struct AttentionShape
{
    // Queries of a block: their scores stay in the second-level cache.
    private const int MostQueries = 64;

    private const int Line = 64;

    public TileKernel Kernel;

    /// <summary>The documents; the longest first share the work out best.</summary>
    public DocumentRun* Documents;

    public int DocumentCount;

    /// <summary>H.</summary>
    public int Heads;

    /// <summary>K.</summary>
    public int KeyHeads;

    /// <summary>D.</summary>
    public int HeadDim;

    /// <summary>How many of the last tokens a token sees, itself included.</summary>
    public int Window;

    /// <summary>L of the longest document.</summary>
    public int Longest;

    /// <summary>[N, H, D].</summary>
    public float* Queries;

    /// <summary>[N, K, D].</summary>
    public float* Keys;

    /// <summary>[N, K, D].</summary>
    public float* Values;

    /// <summary>Memory of <see cref="WorkerBytes"/> for each worker.</summary>
    public byte* Memory;

    /// <summary>Memory of <see cref="RowsProduct.ScratchBytes"/> for each worker.</summary>
    public byte* Scratch;

    public readonly int Parts => DocumentCount * KeyHeads;

    /// <summary>Query heads that share a key head.</summary>
    public readonly int Group => Heads / KeyHeads;

    /// <summary>Values from one token's queries to the next.</summary>
    public readonly long QueryStride => (long)Heads * HeadDim;

    /// <summary>Values from one token's keys to the next.</summary>
    public readonly long KeyStride => (long)KeyHeads * HeadDim;

    /// <summary>What scores are multiplied by.</summary>
    public readonly float Scale => 1 / MathF.Sqrt(HeadDim);

    /// <summary>Bytes that a worker needs.</summary>
    public readonly long WorkerBytes => (2 * ScoreBytes) + (3 * PanelBytes) + (2 * BlockPanelBytes);

    private readonly long ScoreBytes => Rounded((long)MostQueries * (Longest + PanelFormats.PanelOutputs) * sizeof(float));

    // Of keys or values, whichever of their sides are the columns.
    private readonly long PanelBytes => Rounded(Math.Max(
        WorkerPanels.Bytes(Kernel, Longest, HeadDim), WorkerPanels.Bytes(Kernel, HeadDim, Longest)));

    private readonly long BlockPanelBytes => Rounded(WorkerPanels.Bytes(Kernel, HeadDim, MostQueries));

    /// <summary>A worker's room for the scores of a block, or their slopes.</summary>
    public readonly float* Scores(int worker, int index) => (float*)(Memory + (worker * WorkerBytes) + (index * ScoreBytes));

    /// <summary>A worker's room for panels of a document's keys or values, three of them.</summary>
    public readonly WorkerPanels Panels(int worker, int index) =>
        new(Kernel, Memory + (worker * WorkerBytes) + (2 * ScoreBytes) + (index * PanelBytes));

    /// <summary>A worker's room for panels of a block's queries or slopes, two of them.</summary>
    public readonly WorkerPanels BlockPanels(int worker, int index) =>
        new(Kernel, Memory + (worker * WorkerBytes) + (2 * ScoreBytes) + (3 * PanelBytes) + (index * BlockPanelBytes));

    /// <summary>The document of a part and its key head.</summary>
    public readonly (DocumentRun Document, int KeyHead) Of(int part) => (Documents[part / KeyHeads], part % KeyHeads);

    /// <summary>A document's values of one head in [N, heads, D].</summary>
    public readonly float* At(float* values, long stride, in DocumentRun document, int head) =>
        values + (document.Start * stride) + (head * HeadDim);

    /// <summary>Blocks of a document.</summary>
    public static int Blocks(in DocumentRun document) => (document.Length + MostQueries - 1) / MostQueries;

    /// <summary>A block of a document.</summary>
    public readonly AttentionBlock Block(in DocumentRun document, int index)
    {
        var first = index * MostQueries;
        var count = Math.Min(MostQueries, document.Length - first);
        // A panel is seen as a whole or not at all.
        var firstKey = Math.Max(0, first - Window + 1) / PanelFormats.PanelOutputs * PanelFormats.PanelOutputs;
        return new AttentionBlock(first, count, firstKey, first + count - firstKey);
    }

    /// <summary>Multiplies rows with columns on the thread of a worker.</summary>
    public readonly void Multiply(in Operand rows, ProductColumns columns, int worker)
    {
        var product = new RowsProduct { Kernel = Kernel, Rows = rows, Columns = &columns, ColumnSets = 1, Scratch = Scratch };
        product.DoAll(worker);
    }

    /// <summary>A block's attention weights, the softmax of its scores, [count, C] of one worker's scores; of unseen keys 0.</summary>
    /// <param name="queries">The document's queries of one head.</param>
    /// <param name="keys">Panels of the document's keys.</param>
    /// <param name="block">The block.</param>
    /// <param name="worker">The worker.</param>
    public readonly float* Shares(float* queries, in WorkerPanels keys, in AttentionBlock block, int worker)
    {
        var shares = Scores(worker, 0);
        Multiply(
            new Operand(queries + (block.First * QueryStride), block.Count, HeadDim, isInnermost: true, QueryStride),
            keys.Into(block.FirstKey, block.Keys, inner: 0, shares, block.Keys), worker);
        for (var row = 0; row < block.Count; row++)
        {
            var query = block.First + row;
            var from = Math.Max(0, query - Window + 1) - block.FirstKey;
            ScoreRows.Softmax(shares + ((long)row * block.Keys), from, query + 1 - block.FirstKey, block.Keys, Scale);
        }

        return shares;
    }

    private static long Rounded(long bytes) => (bytes + Line - 1) / Line * Line;
}

/// <summary>Some queries of a document, and the keys that any of them sees.</summary>
/// <param name="First">The first query, counted within the document.</param>
/// <param name="Count">How many.</param>
/// <param name="FirstKey">The first key, likewise: a multiple of a panel's outputs.</param>
/// <param name="Keys">How many.</param>
internal readonly record struct AttentionBlock(int First, int Count, int FirstKey, int Keys);
