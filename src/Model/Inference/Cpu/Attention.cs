using System.Runtime.Intrinsics;
using Orca.Model.Inference.Cpu.Kernels;
using Orca.Model.Inference.Cpu.Machine;
using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Inference.Cpu;

// D head dimension, G query heads that share a key head, P query tiles.

/// <summary>
/// Attention over cached blocks; a part is up to eight queries of one row and key head. Blocks are gone through in order,
/// with a running maximum and sum (online softmax: arXiv 1805.02867), so a query's result depends on its own sequence alone.
/// </summary>
internal unsafe struct Attention : IParallelWork
{
    private const int MaxQueries = 8;
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

    private readonly int Groups => Heads / Cache.KvHeads;

    /// <summary>Values that one worker needs.</summary>
    public static int ScratchFloats(in CacheLayout cache) => (MaxQueries * (cache.HeadDim + cache.PaddedDim + (2 * BlockTokens))) + 64;

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
        var scratch = Scratch + (worker * ScratchFloats(Cache));
        Attend(row, head, tile, scratch);
    }

    private readonly void Attend(int row, int head, int tile, float* scratch)
    {
        var first = tile * MaxQueries;
        var all = (Tokens.FirstTokens[row + 1] - Tokens.FirstTokens[row]) * Groups;
        var queries = Math.Min(MaxQueries, all - first);
        float* packed = scratch, sums = packed + (MaxQueries * Cache.HeadDim), scores = sums + (MaxQueries * Cache.PaddedDim);
        float* weights = scores + (MaxQueries * BlockTokens), largest = weights + (MaxQueries * BlockTokens), totals = largest + MaxQueries;
        Begin(row, head, first, queries, packed);
        new Span<float>(sums, queries * Cache.PaddedDim).Clear();
        new Span<float>(largest, MaxQueries).Fill(float.NegativeInfinity);
        new Span<float>(totals, MaxQueries).Clear();
        var last = PositionOf(row, first + queries - 1);
        for (var block = 0; block <= last / BlockTokens; block++)
        {
            var place = Cache.Head(Layer, Tokens.Blocks[Tokens.FirstBlocks[row] + block], head);
            new Span<float>(scores, queries * BlockTokens).Clear();
            Kernel.Run(queries, TileKernel.MaxShare, new Tile
            {
                Weights = place,
                Rows = (byte*)packed,
                Units = Cache.Panel.Units(Cache.HeadDim),
                Outputs = scores,
                OutputBytes = BlockTokens * sizeof(float),
                Ahead = Cache.Values(place),
            });
            for (var query = 0; query < queries; query++)
            {
                Weigh(place, block, PositionOf(row, first + query), query, queries, scores, weights, largest, totals, sums);
            }

            AddValues(place, queries, weights, sums);
        }

        End(row, head, first, queries, sums, totals);
    }

    /// <summary>Packs the queries, divided by the root of D.</summary>
    private readonly void Begin(int row, int head, int first, int queries, float* packed)
    {
        var scale = 1 / MathF.Sqrt(Cache.HeadDim);
        for (var query = 0; query < queries; query++)
        {
            var from = Projected + (TokenOf(row, first + query) * Stride) + (HeadOf(head, first + query) * Cache.HeadDim);
            for (var d = 0; d < Cache.HeadDim; d++)
            {
                packed[(d * queries) + query] = from[d] * scale;
            }
        }
    }

    /// <summary>Turns a query's scores of a block into weights, and what it has summed up so far to the new maximum.</summary>
    private readonly void Weigh(
        byte* place, int block, int position, int query, int queries, float* scores, float* weights, float* largest, float* totals, float* sums)
    {
        var seen = Math.Min(BlockTokens, position + 1 - (block * BlockTokens));
        if (seen <= 0)
        {
            for (var token = 0; token < BlockTokens; token++)
            {
                weights[(token * queries) + query] = 0;
            }

            return;
        }

        scores += query * BlockTokens;
        var lanes = Vector512<int>.Indices;
        var (low, high) = (Vector512.Load(scores), Vector512.Load(scores + 16));
        if (Cache.Format == CacheFormat.Int8)
        {
            low *= Vector512.Load(Cache.Scales(place));
            high *= Vector512.Load(Cache.Scales(place) + 16);
        }

        var hidden = Vector512.Create(float.NegativeInfinity);
        low = Vector512.ConditionalSelect(Vector512.LessThan(lanes, Vector512.Create(seen)).AsSingle(), low, hidden);
        high = Vector512.ConditionalSelect(Vector512.LessThan(lanes, Vector512.Create(seen - 16)).AsSingle(), high, hidden);
        var before = largest[query];
        var most = Math.Max(before, Largest(Vector512.Max(low, high)));
        (low, high) = (VectorMath.Exp(low - Vector512.Create(most)), VectorMath.Exp(high - Vector512.Create(most)));
        if (most != before)
        {
            var kept = MathF.Exp(before - most);
            totals[query] *= kept;
            Scale(sums + (query * Cache.PaddedDim), kept);
            largest[query] = most;
        }

        totals[query] += Vector512.Sum(low + high);
        if (Cache.Format == CacheFormat.Int8)
        {
            low *= Vector512.Load(Cache.Scales(place) + 32);
            high *= Vector512.Load(Cache.Scales(place) + 48);
        }

        for (var token = 0; token < 16; token++)
        {
            weights[(token * queries) + query] = low.GetElement(token);
            weights[((token + 16) * queries) + query] = high.GetElement(token);
        }
    }

    private readonly void AddValues(byte* place, int queries, float* weights, float* sums)
    {
        for (var panel = 0; panel < Cache.PaddedDim / PanelFormats.PanelOutputs; panel++)
        {
            var values = Cache.Values(place) + (panel * Cache.ValuePanelBytes);
            Kernel.Run(queries, TileKernel.MaxShare, new Tile
            {
                Weights = values,
                Rows = (byte*)weights,
                Units = Cache.Panel.Units(BlockTokens),
                Outputs = sums + (PanelFormats.PanelOutputs * panel),
                OutputBytes = Cache.PaddedDim * sizeof(float),
                Ahead = values,
            });
        }
    }

    private readonly void End(int row, int head, int first, int queries, float* sums, float* totals)
    {
        for (var query = 0; query < queries; query++)
        {
            var to = Outputs + (TokenOf(row, first + query) * OutputStride) + (HeadOf(head, first + query) * Cache.HeadDim);
            var scale = 1 / totals[query];
            for (var d = 0; d < Cache.HeadDim; d++)
            {
                to[d] = sums[(query * Cache.PaddedDim) + d] * scale;
            }
        }
    }

    private readonly void Scale(float* values, float factor)
    {
        for (var d = 0; d < Cache.PaddedDim; d += 16)
        {
            Vector512.Store(Vector512.Load(values + d) * factor, values + d);
        }
    }

    private readonly long TokenOf(int row, int query) => Tokens.FirstTokens[row] + (query / Groups);

    private readonly int PositionOf(int row, int query) => Tokens.Positions[TokenOf(row, query)];

    private readonly int HeadOf(int head, int query) => (head * Groups) + (query % Groups);

    private static float Largest(Vector512<float> values)
    {
        var half = Vector256.Max(values.GetLower(), values.GetUpper());
        var quarter = Vector128.Max(half.GetLower(), half.GetUpper());
        return Math.Max(Math.Max(quarter[0], quarter[1]), Math.Max(quarter[2], quarter[3]));
    }
}
