using System.Runtime.Intrinsics;
using Orca.Model.Inference.Cpu.Kernels;
using Orca.Model.Inference.Cpu.Machine;
using Orca.Model.Inference.Cpu.MachineCode;
using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Inference.Cpu;

// D head dimension, G query heads that share a key head, Q queries of a tile.

/// <summary>
/// Attention over cached blocks; a part is up to twelve queries of one row and key head. Blocks are gone through in order,
/// with a running maximum and sum (online softmax: arXiv 1805.02867), so a query's result depends on its own sequence alone.
/// </summary>
internal unsafe struct Attention : IParallelWork
{
    private const int MaxQueries = FloatTileCode.MaxRows;
    private const int BlockTokens = CpuKeyValueStore.Tokens;

    public CacheLayout Cache;
    public TileKernel Kernel;
    public StepTokens Tokens;

    /// <summary>First part of each row, and the number of parts after the last.</summary>
    public int* FirstParts;

    public float* Projected;
    public long Stride;
    public float* Outputs;
    public long OutputStride;

    /// <summary>Scratch of each worker, <see cref="ScratchFloats"/> values.</summary>
    public float* Scratch;

    public int Layer;
    public int Heads;

    /// <summary>How many of the last tokens, itself included, a token sees.</summary>
    public int Window;

    private readonly int Groups => Heads / Cache.KvHeads;

    /// <summary>Values that one worker needs.</summary>
    public static int ScratchFloats(in CacheLayout cache) => (MaxQueries * ((2 * cache.PaddedDim) + (2 * BlockTokens) + 2)) + 64;

    /// <summary>Parts of a row of so many tokens.</summary>
    public static int PartsOf(int tokens, int heads, int kvHeads) => kvHeads * (((tokens * heads / kvHeads) + MaxQueries - 1) / MaxQueries);

    public readonly void Do(int part, int worker)
    {
        var row = 0;
        while (FirstParts[row + 1] <= part)
        {
            row++;
        }

        var tokens = Tokens.FirstTokens[row + 1] - Tokens.FirstTokens[row];
        var (head, tile) = Math.DivRem(part - FirstParts[row], PartsOf(tokens, Heads, Cache.KvHeads) / Cache.KvHeads);
        var first = tile * MaxQueries;
        Attend(
            new Queries(row, head, first, Math.Min(MaxQueries, (tokens * Groups) - first)),
            new Sums(Scratch + (worker * ScratchFloats(Cache)), Cache));
    }

    private readonly void Attend(in Queries queries, in Sums sums)
    {
        Pack(queries, sums);
        new Span<float>(sums.Values, queries.Count * Cache.PaddedDim).Clear();
        new Span<float>(sums.Largest, queries.Count).Fill(float.NegativeInfinity);
        new Span<float>(sums.Totals, queries.Count).Clear();
        var last = PositionOf(queries, queries.Count - 1);
        for (var block = FirstSeen(queries, 0) / BlockTokens; block <= last / BlockTokens; block++)
        {
            var place = Cache.Head(Layer, Tokens.Blocks[Tokens.FirstBlocks[queries.Row] + block], queries.Head);
            new Span<float>(sums.Scores, queries.Count * BlockTokens).Clear();
            Multiply(queries.Count, place, sums.Packed, Cache.HeadDim, sums.Scores, BlockTokens);
            for (var query = 0; query < queries.Count; query++)
            {
                var before = block * BlockTokens;
                Weigh(sums, query, place, FirstSeen(queries, query) - before, PositionOf(queries, query) + 1 - before);
            }

            Transposition.Transpose((uint*)sums.Scores, BlockTokens, queries.Count, BlockTokens, (uint*)sums.Weights);
            for (var panel = 0; panel < Cache.PaddedDim / PanelFormats.PanelOutputs; panel++)
            {
                var values = Cache.Values(place) + (panel * Cache.ValuePanelBytes);
                Multiply(
                    queries.Count, values, sums.Weights, BlockTokens, sums.Values + (PanelFormats.PanelOutputs * panel), Cache.PaddedDim);
            }
        }

        Write(queries, sums);
    }

    /// <summary>Packs the queries, divided by the root of D; the memory for sums holds them meanwhile.</summary>
    private readonly void Pack(in Queries queries, in Sums sums)
    {
        var scale = 1 / MathF.Sqrt(Cache.HeadDim);
        for (var query = 0; query < queries.Count; query++)
        {
            var from = Projected + (TokenOf(queries, query) * Stride) + (HeadOf(queries, query) * Cache.HeadDim);
            Scaled(from, Cache.HeadDim, scale, sums.Values + (query * Cache.PaddedDim));
        }

        Transposition.Transpose((uint*)sums.Values, Cache.PaddedDim, queries.Count, Cache.HeadDim, (uint*)sums.Packed);
    }

    private readonly void Multiply(int queries, byte* panel, float* rows, int inputs, float* outputs, int stride) => Kernel.Run(
        queries,
        TileKernel.MaxShare,
        new Tile
        {
            Weights = panel,
            Rows = (byte*)rows,
            Units = Cache.Panel.Units(inputs),
            Outputs = outputs,
            OutputBytes = stride * sizeof(float),
            Ahead = panel,
        });

    /// <summary>Turns a query's scores of a block into weights, and what it has summed up so far to the new maximum.</summary>
    /// <param name="sums">What the query has summed up.</param>
    /// <param name="query">Its index.</param>
    /// <param name="place">The block.</param>
    /// <param name="first">The first token that the query sees, counted from the block's first.</param>
    /// <param name="end">The first after those that it sees, counted alike.</param>
    private readonly void Weigh(in Sums sums, int query, byte* place, int first, int end)
    {
        var scores = sums.Scores + (query * BlockTokens);
        if (end <= 0 || first >= BlockTokens)
        {
            new Span<float>(scores, BlockTokens).Clear();
            return;
        }

        var lanes = Vector512<int>.Indices;
        var (low, high) = (Vector512.Load(scores), Vector512.Load(scores + 16));
        if (Cache.Format == CacheFormat.Int8)
        {
            low *= Vector512.Load(Cache.Scales(place));
            high *= Vector512.Load(Cache.Scales(place) + 16);
        }

        var hidden = Vector512.Create(float.NegativeInfinity);
        low = Vector512.ConditionalSelect(Within(lanes, first, end), low, hidden);
        high = Vector512.ConditionalSelect(Within(lanes, first - 16, end - 16), high, hidden);
        var before = sums.Largest[query];
        var most = Math.Max(before, Largest(Vector512.Max(low, high)));
        (low, high) = (VectorMath.Exp(low - Vector512.Create(most)), VectorMath.Exp(high - Vector512.Create(most)));
        if (most != before)
        {
            var kept = MathF.Exp(before - most);
            sums.Totals[query] *= kept;
            var values = sums.Values + (query * Cache.PaddedDim);
            Scaled(values, Cache.PaddedDim, kept, values);
            sums.Largest[query] = most;
        }

        sums.Totals[query] += Vector512.Sum(low + high);
        if (Cache.Format == CacheFormat.Int8)
        {
            low *= Vector512.Load(Cache.Scales(place) + 32);
            high *= Vector512.Load(Cache.Scales(place) + 48);
        }

        Vector512.Store(low, scores);
        Vector512.Store(high, scores + 16);
    }

    private static Vector512<float> Within(Vector512<int> lanes, int first, int end) =>
        (Vector512.GreaterThanOrEqual(lanes, Vector512.Create(first)) & Vector512.LessThan(lanes, Vector512.Create(end))).AsSingle();

    private readonly void Write(in Queries queries, in Sums sums)
    {
        for (var query = 0; query < queries.Count; query++)
        {
            var to = Outputs + (TokenOf(queries, query) * OutputStride) + (HeadOf(queries, query) * Cache.HeadDim);
            Scaled(sums.Values + (query * Cache.PaddedDim), Cache.HeadDim, 1 / sums.Totals[query], to);
        }
    }

    private static void Scaled(float* from, int count, float factor, float* to)
    {
        var i = 0;
        for (; i <= count - 16; i += 16)
        {
            Vector512.Store(Vector512.Load(from + i) * factor, to + i);
        }

        for (; i < count; i++)
        {
            to[i] = from[i] * factor;
        }
    }

    private static float Largest(Vector512<float> values)
    {
        var half = Vector256.Max(values.GetLower(), values.GetUpper());
        var quarter = Vector128.Max(half.GetLower(), half.GetUpper());
        return Math.Max(Math.Max(quarter[0], quarter[1]), Math.Max(quarter[2], quarter[3]));
    }

    private readonly long TokenOf(in Queries queries, int query) => Tokens.FirstTokens[queries.Row] + ((queries.First + query) / Groups);

    private readonly int PositionOf(in Queries queries, int query) => Tokens.Positions[TokenOf(queries, query)];

    private readonly int FirstSeen(in Queries queries, int query) => Math.Max(0, PositionOf(queries, query) - Window + 1);

    private readonly int HeadOf(in Queries queries, int query) => (queries.Head * Groups) + ((queries.First + query) % Groups);

    /// <summary>Some queries of a row that look at the same keys: those of its tokens, the heads of a group one after another.</summary>
    private readonly record struct Queries(int Row, int Head, int First, int Count);

    /// <summary>A worker's memory.</summary>
    private readonly struct Sums(float* scratch, in CacheLayout cache)
    {
        /// <summary>[D, Q].</summary>
        public readonly float* Packed = scratch;

        /// <summary>[Q, D padded]: weighted values so far.</summary>
        public readonly float* Values = scratch + (MaxQueries * cache.PaddedDim);

        /// <summary>[Q, tokens of a block]: scores, then weights.</summary>
        public readonly float* Scores = scratch + (2 * MaxQueries * cache.PaddedDim);

        /// <summary>[tokens of a block, Q].</summary>
        public readonly float* Weights = scratch + (MaxQueries * ((2 * cache.PaddedDim) + BlockTokens));

        /// <summary>[Q]: the largest score so far.</summary>
        public readonly float* Largest = scratch + (MaxQueries * ((2 * cache.PaddedDim) + (2 * BlockTokens)));

        /// <summary>[Q]: the sum of weights so far.</summary>
        public readonly float* Totals = scratch + (MaxQueries * ((2 * cache.PaddedDim) + (2 * BlockTokens) + 1));
    }
}
