using Orca.Model.Native;
using Orca.Model.Network;
using static TorchSharp.torch;

namespace Orca.Model.Caching;

// Shapes: B rows, T tokens of the longest row, N tokens of all rows, L tokens of the longest sequence after the step,
// S slots, C capacity, H heads, K key/value heads, G = H/K, D head dimension.

/// <summary>
/// Attention of one step over cached sequences: writes the step's keys and values into their slots, then each token
/// attends to all of its sequence up to itself. Rows may be prefill, decode or a mixture. What the padding yields is
/// meaningless. Not differentiable; made for one step and disposed after it.
/// </summary>
/// <remarks>Rows whose slots follow one another (3, 4, 5 …) are read in place; others are gathered first.</remarks>
public sealed class CachedAttention : IAttention, IDisposable
{
    private readonly KvCache cache;
    private readonly IReadOnlyList<CacheRow> rows;
    private readonly int longestRow;
    private readonly Tensor cells_NK;
    private readonly Tensor? tokens_N;
    private readonly Tensor? slots_B;
    private readonly Tensor? mask_B1XL;

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
        slots_B = InPlace() ? null : Index(rows.Select(row => (long)row.Slot));
        mask_B1XL = longestRow == 1 && rows.All(row => row.End == PositionLimit) ? null : Mask();
    }

    /// <inheritdoc/>
    public int PositionLimit { get; }

    /// <inheritdoc/>
    public Tensor Attend(int layer, Tensor query_BTHD, Tensor key_BTKD, Tensor value_BTKD)
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

        // The G queries that share a key head attend as if they were G times the tokens: no key is repeated.
        long heads = cache.KvHeads, groups = cache.Groups, length = longestRow, size = cache.HeadDim;
        var query_BKXD = query_BTHD.view(rows.Count, length, heads, groups, size)
            .permute(0, 2, 1, 3, 4).reshape(rows.Count, heads, length * groups, size);
        var attended_BKXD = Aten.Attention(query_BKXD, Read(cache.Keys(layer)), Read(cache.Values(layer)), mask_B1XL);
        return attended_BKXD.view(rows.Count, heads, length, groups, size)
            .permute(0, 2, 1, 3, 4).reshape(shape).MoveToOuterDisposeScope();
    }

    /// <summary>Frees indices and mask.</summary>
    public void Dispose()
    {
        cells_NK.Dispose();
        tokens_N?.Dispose();
        slots_B?.Dispose();
        mask_B1XL?.Dispose();
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

    // [B, K, L, D]
    private Tensor Read(Tensor cache_SKCD)
    {
        var sequences = cache_SKCD.narrow(2, 0, PositionLimit);
        return slots_B is null ? sequences.narrow(0, rows[0].Slot, rows.Count) : sequences.index_select(0, slots_B);
    }

    private bool InPlace()
    {
        for (var i = 1; i < rows.Count; i++)
        {
            if (rows[i].Slot != rows[0].Slot + i)
            {
                return false;
            }
        }

        return true;
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

    // 0 .. count - 1.
    private Tensor Range(int count) => tensor(Enumerable.Range(0, count).Select(i => (long)i).ToArray(), device: cache.Device);

    // Added to the scores: [B, 1, T·G, L].
    private Tensor Mask()
    {
        using var scope = NewDisposeScope();
        var starts_B = tensor(rows.Select(row => (long)row.Start).ToArray(), device: cache.Device);
        var positions_BT = starts_B.unsqueeze(1).add(Range(longestRow), Scalars.One);
        var hidden_BTL = Range(PositionLimit) > positions_BT.unsqueeze(2);
        var mask_BTL = zeros(hidden_BTL.shape, cache.Dtype, cache.Device).masked_fill_(hidden_BTL, Scalars.NegativeInfinity);
        return mask_BTL.repeat_interleave(cache.Groups, 1).unsqueeze(1).DetachFromDisposeScope();
    }
}
