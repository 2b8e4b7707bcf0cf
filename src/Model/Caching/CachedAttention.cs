using System.Collections.Immutable;
using Orca.Model.Network;
using static TorchSharp.torch;

namespace Orca.Model.Caching;

// Shapes: B rows, T tokens of the longest row, N tokens of all rows, S slots, C capacity, H heads, K key/value heads,
// G = H/K, X = T·G, D head dimension.

/// <summary>
/// Attention of one step over cached sequences: writes the step's keys and values into their slots, then each token
/// attends to all of its sequence up to itself. Rows may be prefill, decode or a mixture. What the padding yields is
/// meaningless. Not differentiable; made for one step and disposed after it.
/// </summary>
/// <remarks>
/// Rows whose slots follow one another (3, 4, 5 …) are read in place and attend in one call. Where a step falls into many
/// such runs, its rows are gathered first; so hand them over in the order of their slots.
/// </remarks>
public sealed class CachedAttention : IAttention, IDisposable
{
    // A gather copies all that it reads; one call more costs about as much as gathering 200 kB (15 µs on one core).
    private const int MostRuns = 4;

    private readonly KvCache cache;
    private readonly IReadOnlyList<CacheRow> rows;
    private readonly int longestRow;
    private readonly Tensor cells_NK;
    private readonly Tensor? tokens_N;
    private readonly ImmutableArray<RowRun> runs;
    private readonly FlashRows? flash;

    /// <param name="cache">Where the sequences lie; borrowed.</param>
    /// <param name="rows">The step's rows, each of another slot.</param>
    /// <exception cref="ArgumentException">A row is empty, lies outside of the cache, or shares its slot with another.</exception>
    public CachedAttention(KvCache cache, IReadOnlyList<CacheRow> rows)
    {
        this.cache = cache;
        this.rows = rows;
        Check(cache, rows);
        longestRow = rows.Max(row => row.Count);
        PositionLimit = rows.Max(row => row.End);
        cells_NK = Index(Cells());
        tokens_N = rows.All(row => row.Count == longestRow) ? null : Index(Tokens());
        // A window that hides something needs a mask.
        flash = FlashRows.Suits(cache) && PositionLimit <= cache.ShortestWindow ? new FlashRows(cache, rows) : null;
        runs = flash is null ? Runs() : [];
    }

    /// <inheritdoc/>
    public int PositionLimit { get; }

    /// <inheritdoc/>
    public Tensor Attend(int layer, Tensor query_BTHD, Tensor key_BTKD, Tensor value_BTKD, int? window = null)
    {
        var shape = query_BTHD.shape;
        if (shape[0] != rows.Count || shape[1] != longestRow)
        {
            throw new ArgumentException(
                $"The step's tokens are [{shape[0]}, {shape[1]}]; its rows are [{rows.Count}, {longestRow}].", nameof(query_BTHD));
        }

        using var scope = NewDisposeScope();
        Write(cache.Keys(layer), key_BTKD);
        Write(cache.Values(layer), value_BTKD);

        if (flash is not null)
        {
            return AttendPacked(flash, layer, query_BTHD).MoveToOuterDisposeScope();
        }

        // The G queries that share a key head attend as if they were G times the tokens: no key is repeated.
        long heads = cache.KvHeads, groups = cache.Groups, length = longestRow, size = cache.HeadDim;
        var query_BKXD = query_BTHD.view(rows.Count, length, heads, groups, size)
            .permute(0, 2, 1, 3, 4).reshape(rows.Count, heads, length * groups, size);
        var attended = runs.Select(run => run.Attend(query_BKXD, cache.Keys(layer), cache.Values(layer), window)).ToArray();
        var attended_BKXD = attended.Length == 1 ? attended[0] : cat(attended, 0);
        return attended_BKXD.view(rows.Count, heads, length, groups, size)
            .permute(0, 2, 1, 3, 4).reshape(shape).MoveToOuterDisposeScope();
    }

    /// <summary>Frees indices and mask.</summary>
    public void Dispose()
    {
        flash?.Dispose();
        cells_NK.Dispose();
        tokens_N?.Dispose();
        foreach (var run in runs)
        {
            run.Dispose();
        }
    }

    private static void Check(KvCache cache, IReadOnlyList<CacheRow> rows)
    {
        if (rows.Count == 0)
        {
            throw new ArgumentException("A step needs at least one row.", nameof(rows));
        }

        var taken = new bool[cache.Slots];
        foreach (var row in rows)
        {
            if (row.Slot < 0 || row.Slot >= cache.Slots || row.Start < 0 || row.Count < 1 || row.End > cache.Capacity || taken[row.Slot])
            {
                throw new ArgumentException(
                    $"{row} is not one of {cache.Slots} different slots of {cache.Capacity} tokens each.", nameof(rows));
            }

            taken[row.Slot] = true;
        }
    }

    // Only true tokens are queries: padding would count as the last ones of its row.
    private Tensor AttendPacked(FlashRows rows, int layer, Tensor query_BTHD)
    {
        var shape = query_BTHD.shape;
        var query_MX = query_BTHD.reshape(shape[0] * shape[1], -1);
        var query_NX = tokens_N is null ? query_MX : query_MX.index_select(0, tokens_N);
        var attended_NHD = rows.Attend(query_NX.view(-1, shape[2], shape[3]), cache.Keys(layer), cache.Values(layer));
        return tokens_N is null
            ? attended_NHD.view(shape)
            : zeros_like(query_MX).index_copy_(0, tokens_N, attended_NHD.reshape(query_NX.shape)).view(shape);
    }

    private void Write(Tensor cache_SKCD, Tensor x_BTKD)
    {
        using var flat = x_BTKD.reshape(-1, cache.HeadDim);
        using var cells = cache_SKCD.view(-1, cache.HeadDim);
        if (tokens_N is null)
        {
            cells.index_copy_(0, cells_NK, flat).Dispose();
            return;
        }

        using var tokens = flat.view(-1, (long)cache.KvHeads * cache.HeadDim).index_select(0, tokens_N);
        using var kept = tokens.view(-1, cache.HeadDim);
        cells.index_copy_(0, cells_NK, kept).Dispose();
    }

    private ImmutableArray<RowRun> Runs()
    {
        var starts = Enumerable.Range(0, rows.Count).Where(i => i == 0 || rows[i].Slot != rows[i - 1].Slot + 1).ToArray();
        return starts.Length > MostRuns
            ? [new RowRun(cache, rows, 0, rows.Count, gathers: true)]
            : [.. starts.Select((start, i) => new RowRun(
                cache, rows, start, (i + 1 < starts.Length ? starts[i + 1] : rows.Count) - start, gathers: false))];
    }

    // Where each token's K vectors lie, counted in vectors of D over the whole cache.
    private IEnumerable<long> Cells() =>
        from row in rows
        from position in Enumerable.Range(row.Start, row.Count)
        from head in Enumerable.Range(0, cache.KvHeads)
        select ((((long)row.Slot * cache.KvHeads) + head) * cache.Capacity) + position;

    // Which tokens of the padded step are not padding.
    private IEnumerable<long> Tokens() =>
        rows.SelectMany((row, i) => Enumerable.Range(i * longestRow, row.Count)).Select(token => (long)token);

    private Tensor Index(IEnumerable<long> values) =>
        tensor(values.ToArray(), device: cache.Device).DetachFromDisposeScope();
}
