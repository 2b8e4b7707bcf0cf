using System.Collections.Immutable;
using Orca.Model.Network;
using static TorchSharp.torch;

namespace Orca.Model.Caching;

// Shapes: S slots, K key/value heads, C capacity, D head dimension.

/// <summary>
/// Keys and values of sequences in progress: one slot a sequence, <see cref="Capacity"/> tokens a slot. Owned by one
/// thread. Slots are not tracked here: a slot is free for another sequence as soon as that starts at position 0.
/// </summary>
public sealed class KvCache : IDisposable
{
    private readonly ImmutableArray<Tensor> keys_SKCD;
    private readonly ImmutableArray<Tensor> values_SKCD;

    /// <param name="config">The model whose keys and values are kept.</param>
    /// <param name="slots">Sequences at once.</param>
    /// <param name="capacity">Tokens of a sequence.</param>
    /// <param name="dtype">The model's <see cref="LlamaModel.Compute"/>.</param>
    /// <param name="device">The model's device.</param>
    public KvCache(LlamaConfig config, int slots, int capacity, ScalarType dtype, Device device)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Slots = slots;
        Capacity = capacity;
        KvHeads = config.KvHeads;
        Groups = config.Heads / config.KvHeads;
        HeadDim = config.HeadDim;
        ShortestWindow = config.ShortestWindow ?? int.MaxValue;
        Dtype = dtype;
        Device = device;
        // Zeros and not merely empty: what lies beyond a row's end is masked, but must be a number.
        keys_SKCD = [.. Enumerable.Range(0, config.Layers).Select(_ => Empty())];
        values_SKCD = [.. Enumerable.Range(0, config.Layers).Select(_ => Empty())];

        Tensor Empty() => zeros(slots, config.KvHeads, capacity, config.HeadDim, dtype, device).DetachFromDisposeScope();
    }

    /// <summary>Sequences at once.</summary>
    public int Slots { get; }

    /// <summary>Tokens of a sequence.</summary>
    public int Capacity { get; }

    /// <summary>dtype of keys and values.</summary>
    public ScalarType Dtype { get; }

    /// <summary>Device of keys and values.</summary>
    public Device Device { get; }

    /// <summary>Bytes of all slots.</summary>
    public long Bytes => keys_SKCD.Concat(values_SKCD).Sum(tensor => tensor.numel() * tensor.element_size());

    internal int KvHeads { get; }

    /// <summary>Query heads that share a key head.</summary>
    internal int Groups { get; }

    internal int HeadDim { get; }

    /// <summary>The least that any of the model's layers lets a token see.</summary>
    internal int ShortestWindow { get; }

    /// <summary>
    /// Zeroes the first tokens of a slot: for a sequence whose keys and values may not be numbers, which would spoil its
    /// neighbours' and successors' steps even from where they are masked.
    /// </summary>
    public void Clear(int slot, int tokens)
    {
        foreach (var tensor in keys_SKCD.Concat(values_SKCD))
        {
            using var row = tensor.narrow(0, slot, 1);
            using var used = row.narrow(2, 0, Math.Min(tokens, Capacity));
            used.zero_();
        }
    }

    /// <summary>Copies the first tokens of a slot into another.</summary>
    public void Copy(int from, int to, int tokens)
    {
        foreach (var tensor in keys_SKCD.Concat(values_SKCD))
        {
            using var scope = NewDisposeScope();
            tensor.narrow(0, to, 1).narrow(2, 0, tokens).copy_(tensor.narrow(0, from, 1).narrow(2, 0, tokens));
        }
    }

    /// <summary>Frees keys and values.</summary>
    public void Dispose()
    {
        foreach (var tensor in keys_SKCD.Concat(values_SKCD))
        {
            tensor.Dispose();
        }
    }

    /// <summary>One layer's keys [S, K, C, D], borrowed.</summary>
    internal Tensor Keys(int layer) => keys_SKCD[layer];

    /// <summary>One layer's values [S, K, C, D], borrowed.</summary>
    internal Tensor Values(int layer) => values_SKCD[layer];
}
