using Orca.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Model.Caching;

// Shapes: B rows, N tokens of all rows, S slots, C capacity, H heads, K key/value heads, D head dimension, L = (S-1)·K·C + C.

/// <summary>
/// Attention of a step's rows in one call, each over its own slot where that lies: no mask, no gather, no padding. For CUDA,
/// whose flash attention takes sequences of any lengths. Owns its indices.
/// </summary>
internal sealed class FlashRows : IDisposable
{
    private readonly KvCache cache;
    private readonly int mostQueries;
    private readonly int mostKeys;

    /// <param name="cache">Where the sequences lie; borrowed.</param>
    /// <param name="rows">All rows of the step.</param>
    public FlashRows(KvCache cache, IReadOnlyList<CacheRow> rows)
    {
        this.cache = cache;
        mostQueries = rows.Max(row => row.Count);
        mostKeys = rows.Max(row => row.End);
        var queryStarts = new int[rows.Count + 1];
        for (var i = 0; i < rows.Count; i++)
        {
            queryStarts[i + 1] = queryStarts[i] + rows[i].Count;
        }

        QueryStarts = Kept(queryStarts);
        // One more than there are rows: the operator wants the end of the last, and reads the counts instead.
        KeyStarts = Kept([.. rows.Select(row => StartOf(row.Slot)), 0]);
        KeyCounts = Kept([.. rows.Select(row => row.End)]);
    }

    /// <summary>[B + 1] int32: where each row's tokens begin among the queries, and where the last ends.</summary>
    public Tensor QueryStarts { get; }

    /// <summary>[B + 1] int32: where each row's slot begins in <see cref="Tokens"/>.</summary>
    public Tensor KeyStarts { get; }

    /// <summary>[B] int32: tokens of each row's sequence.</summary>
    public Tensor KeyCounts { get; }

    /// <summary>Whether the operator can do it: on CUDA, in half precision, with heads of a width it knows.</summary>
    public static bool Suits(KvCache cache) =>
        cache.Device.type == DeviceType.CUDA && Aten.CanFlash(cache.Dtype, cache.HeadDim)
        && (long)cache.Slots * cache.KvHeads * cache.Capacity <= int.MaxValue;

    /// <summary>
    /// All slots as one run of tokens [L, K, D] over the same memory: head k of the token at position p of slot s is row
    /// s·K·C + p, so that every head strides alike. Rows between the slots' first C are parts of other heads, and never read.
    /// </summary>
    public static Tensor Tokens(KvCache cache, Tensor cache_SKCD)
    {
        long heads = cache.KvHeads, capacity = cache.Capacity, size = cache.HeadDim;
        return cache_SKCD.as_strided([((cache.Slots - 1) * heads * capacity) + capacity, heads, size], [size, capacity * size, 1]);
    }

    /// <summary>Attends: the last tokens of a row's sequence are its queries, and each sees all up to itself.</summary>
    /// <param name="query_NHD">Queries of all rows, one after another.</param>
    /// <param name="keys_SKCD">A layer's keys.</param>
    /// <param name="values_SKCD">A layer's values.</param>
    /// <returns>[N, H, D]; the caller's scope owns it.</returns>
    public Tensor Attend(Tensor query_NHD, Tensor keys_SKCD, Tensor values_SKCD)
    {
        using var keys_LKD = Tokens(cache, keys_SKCD);
        using var values_LKD = Tokens(cache, values_SKCD);
        return Aten.FlashAttention(query_NHD, keys_LKD, values_LKD, QueryStarts, KeyStarts, KeyCounts, mostQueries, mostKeys);
    }

    public void Dispose()
    {
        QueryStarts.Dispose();
        KeyStarts.Dispose();
        KeyCounts.Dispose();
    }

    private int StartOf(int slot) => slot * cache.KvHeads * cache.Capacity;

    private Tensor Kept(int[] values) => tensor(values, device: cache.Device).DetachFromDisposeScope();
}
