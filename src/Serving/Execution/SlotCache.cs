using Orca.Model.Inference;
using Orca.Model.Network;
using Orca.Serving.Batching;
using Orca.Serving.Engine;

namespace Orca.Serving.Execution;

/// <summary>
/// A key-value cache and who has which of its slots. Versions of the same shape share one: a slot belongs to one
/// sequence, a sequence to one version, so no version ever reads what another wrote. Freed when its last version is
/// gone. Belongs to the engine's thread.
/// </summary>
internal sealed class SlotCache
{
    private int versions;

    private SlotCache(IKeyValueStore store)
    {
        Slots = new SlotPool(store.Blocks);
        Store = store;
    }

    /// <summary>Keys and values: a block is a slot.</summary>
    public IKeyValueStore Store { get; }

    /// <summary>Who has which slot.</summary>
    public SlotPool Slots { get; }

    /// <summary>Tokens of a slot.</summary>
    public int ContextTokens => Store.BlockTokens;

    /// <summary>Makes one with as many slots as the options allow and the memory limit has room for, one at least.</summary>
    public static SlotCache Create(IInferenceModel model, EngineOptions options)
    {
        var contextTokens = ContextOf(model.Config, options);
        var slots = Math.Clamp(options.MaxCacheBytes / (model.CacheBytesPerToken * contextTokens), 1, options.MaxConcurrentRequests);
        return new SlotCache(model.CreateStore((int)slots, contextTokens));
    }

    /// <summary>Tokens that prompt and answer of a model may have together.</summary>
    public static int ContextOf(LlamaConfig config, EngineOptions options) =>
        Math.Min(options.MaxContextTokens ?? int.MaxValue, config.MaxPositions);

    /// <summary>Takes a slot back from a sequence; what it left is wiped out where it may not be numbers.</summary>
    public void Return(Sequence sequence)
    {
        if (!sequence.EndedWell)
        {
            Store.Clear(sequence.Slot);
        }

        Slots.Return(sequence.Slot);
    }

    /// <summary>One more version uses it.</summary>
    public void Share() => versions++;

    /// <summary>One version less uses it; the last frees it.</summary>
    /// <exception cref="EngineInvariantException">A slot of it is still taken.</exception>
    public void Leave()
    {
        if (--versions == 0)
        {
            EngineInvariantException.Require(Slots.Free == Slots.Count, $"a cache is freed with {Slots.Count - Slots.Free} slots in use");
            Store.Dispose();
        }
    }
}
