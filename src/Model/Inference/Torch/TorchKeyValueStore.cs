using Orca.Model.Caching;
using Orca.Model.Network;

namespace Orca.Model.Inference.Torch;

/// <summary>Keys and values in tensors: a block is a slot of a <see cref="KvCache"/>.</summary>
internal sealed class TorchKeyValueStore(LlamaConfig config, KvCache cache) : IKeyValueStore
{
    /// <summary>Shape of the models that can use it.</summary>
    public LlamaConfig Config { get; } = config;

    /// <summary>The tensors.</summary>
    public KvCache Cache { get; } = cache;

    /// <inheritdoc/>
    public int Blocks => Cache.Slots;

    /// <inheritdoc/>
    public int BlockTokens => Cache.Capacity;

    /// <inheritdoc/>
    public long Bytes => Cache.Bytes;

    /// <inheritdoc/>
    public void Copy(int from, int to, int tokens) => Cache.Copy(from, to, tokens);

    /// <inheritdoc/>
    public void Clear(int block) => Cache.Clear(block, Cache.Capacity);

    /// <inheritdoc/>
    public void Dispose() => Cache.Dispose();
}
