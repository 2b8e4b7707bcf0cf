using Orca.Model.Native;
using static TorchSharp.torch;

namespace Orca.Model.Caching;

// Shapes: R rows of the run, T tokens of the step's longest row, L tokens of the run's longest sequence after the step,
// S slots, C capacity, K key/value heads, G query heads a key head, X = T·G, D head dimension.

/// <summary>Neighbouring rows of a step that attend in one call. Owns its mask.</summary>
internal sealed class RowRun : IDisposable
{
    private readonly int firstRow;
    private readonly int count;
    private readonly int length;
    private readonly int firstSlot;
    private readonly Tensor? slots_R;
    private readonly Tensor? mask_R1XL;

    /// <param name="cache">Where the sequences lie.</param>
    /// <param name="rows">All rows of the step.</param>
    /// <param name="firstRow">Index of the run's first.</param>
    /// <param name="count">Rows of the run.</param>
    /// <param name="gathers">The rows' slots do not follow one another: keys and values are gathered first.</param>
    public RowRun(KvCache cache, IReadOnlyList<CacheRow> rows, int firstRow, int count, bool gathers)
    {
        this.firstRow = firstRow;
        this.count = count;
        var own = rows.Skip(firstRow).Take(count).ToArray();
        var tokens = rows.Max(row => row.Count);
        length = own.Max(row => row.End);
        firstSlot = own[0].Slot;
        slots_R = gathers ? tensor(own.Select(row => (long)row.Slot).ToArray(), device: cache.Device).DetachFromDisposeScope() : null;
        // A single token a row that ends where all others end sees all there is.
        mask_R1XL = tokens == 1 && own.All(row => row.End == length) ? null : Mask(cache, own, tokens);
    }

    /// <summary>Attends to the run's sequences.</summary>
    /// <param name="query_BKXD">Queries of the whole step.</param>
    /// <param name="keys_SKCD">A layer's keys.</param>
    /// <param name="values_SKCD">A layer's values.</param>
    /// <returns>[R, K, X, D]; the caller's scope owns it.</returns>
    public Tensor Attend(Tensor query_BKXD, Tensor keys_SKCD, Tensor values_SKCD)
    {
        var query_RKXD = query_BKXD.narrow(0, firstRow, count);
        return Aten.Attention(query_RKXD, Read(keys_SKCD), Read(values_SKCD), mask_R1XL);
    }

    public void Dispose()
    {
        slots_R?.Dispose();
        mask_R1XL?.Dispose();
    }

    // [R, K, L, D]
    private Tensor Read(Tensor cache_SKCD)
    {
        var sequences = cache_SKCD.narrow(2, 0, length);
        return slots_R is null ? sequences.narrow(0, firstSlot, count) : sequences.index_select(0, slots_R);
    }

    // Added to the scores: [R, 1, T·G, L].
    private Tensor Mask(KvCache cache, CacheRow[] rows, int tokens)
    {
        using var scope = NewDisposeScope();
        var starts_R = tensor(rows.Select(row => (long)row.Start).ToArray(), device: cache.Device);
        var positions_RT = starts_R.unsqueeze(1).add(Range(cache, tokens), Scalars.One);
        var hidden_RTL = Range(cache, length) > positions_RT.unsqueeze(2);
        var mask_RTL = zeros(hidden_RTL.shape, cache.Dtype, cache.Device).masked_fill_(hidden_RTL, Scalars.NegativeInfinity);
        return mask_RTL.repeat_interleave(cache.Groups, 1).unsqueeze(1).DetachFromDisposeScope();
    }

    // 0 .. count - 1.
    private static Tensor Range(KvCache cache, int count) =>
        tensor(Enumerable.Range(0, count).Select(i => (long)i).ToArray(), device: cache.Device);
}
