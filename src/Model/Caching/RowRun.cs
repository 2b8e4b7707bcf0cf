using Orca.Model.Native;
using static TorchSharp.torch;

namespace Orca.Model.Caching;

// Shapes: R rows of the run, T tokens of the step's longest row, L tokens of the run's longest sequence after the step,
// S slots, C capacity, K key/value heads, G query heads a key head, X = T·G, D head dimension.

/// <summary>Neighbouring rows of a step that attend in one call. Owns its masks.</summary>
internal sealed class RowRun : IDisposable
{
    private readonly int firstRow;
    private readonly int count;
    private readonly int length;
    private readonly int firstSlot;
    private readonly Tensor? slots_R;
    private readonly KvCache cache;
    private readonly CacheRow[] rows;
    private readonly int tokens;
    private Tensor? mask_R1XL;
    private Tensor? windowMask_R1XL;

    /// <param name="cache">Where the sequences lie.</param>
    /// <param name="rows">All rows of the step.</param>
    /// <param name="firstRow">Index of the run's first.</param>
    /// <param name="count">Rows of the run.</param>
    /// <param name="gathers">The rows' slots do not follow one another: keys and values are gathered first.</param>
    public RowRun(KvCache cache, IReadOnlyList<CacheRow> rows, int firstRow, int count, bool gathers)
    {
        this.cache = cache;
        this.firstRow = firstRow;
        this.count = count;
        this.rows = [.. rows.Skip(firstRow).Take(count)];
        tokens = rows.Max(row => row.Count);
        length = this.rows.Max(row => row.End);
        firstSlot = this.rows[0].Slot;
        slots_R = gathers ? tensor(this.rows.Select(row => (long)row.Slot).ToArray(), device: cache.Device).DetachFromDisposeScope() : null;
    }

    /// <summary>Attends to the run's sequences.</summary>
    /// <param name="query_BKXD">Queries of the whole step.</param>
    /// <param name="keys_SKCD">A layer's keys.</param>
    /// <param name="values_SKCD">A layer's values.</param>
    /// <param name="window">How many of the last tokens a token sees in the layer, the same in all that have one; null: all.</param>
    /// <returns>[R, K, X, D]; the caller's scope owns it.</returns>
    public Tensor Attend(Tensor query_BKXD, Tensor keys_SKCD, Tensor values_SKCD, int? window)
    {
        var query_RKXD = query_BKXD.narrow(0, firstRow, count);
        return Aten.Attention(query_RKXD, Read(keys_SKCD), Read(values_SKCD), MaskFor(window));
    }

    public void Dispose()
    {
        slots_R?.Dispose();
        mask_R1XL?.Dispose();
        windowMask_R1XL?.Dispose();
    }

    // [R, K, L, D]
    private Tensor Read(Tensor cache_SKCD)
    {
        var sequences = cache_SKCD.narrow(2, 0, length);
        return slots_R is null ? sequences.narrow(0, firstSlot, count) : sequences.index_select(0, slots_R);
    }

    private Tensor? MaskFor(int? window)
    {
        if (window < length)
        {
            return windowMask_R1XL ??= Mask(window.Value);
        }

        // A single token a row that ends where all others end sees all there is.
        return tokens == 1 && rows.All(row => row.End == length) ? null : mask_R1XL ??= Mask(length);
    }

    // Added to the scores: [R, 1, T·G, L].
    private Tensor Mask(int window)
    {
        using var scope = NewDisposeScope();
        var starts_R = tensor(rows.Select(row => (long)row.Start).ToArray(), device: cache.Device);
        var positions_RT1 = starts_R.unsqueeze(1).Plus(Range(cache, tokens)).unsqueeze(2);
        var hidden_RTL = Range(cache, length) > positions_RT1;
        if (window < length)
        {
            hidden_RTL = hidden_RTL.logical_or_(Range(cache, length) <= positions_RT1.Plus(
                tensor(-(long)window, device: cache.Device)));
        }

        var mask_RTL = zeros(hidden_RTL.shape, cache.Dtype, cache.Device).Hidden_(hidden_RTL);
        return mask_RTL.repeat_interleave(cache.Groups, 1).unsqueeze(1).DetachFromDisposeScope();
    }

    // 0 .. count - 1.
    private static Tensor Range(KvCache cache, int count) =>
        tensor(Enumerable.Range(0, count).Select(i => (long)i).ToArray(), device: cache.Device);
}
