using Orca.Model.Caching;
using Orca.Model.Network;
using Orca.Serving.Batching;
using Orca.Serving.Engine;
using TorchSharp;

namespace Orca.Serving.Execution;

/// <summary>
/// A key-value cache and who has which of its slots. Versions of the same shape share one: a slot belongs to one
/// sequence, a sequence to one version, so no version ever reads what another wrote. Freed when its last version is
/// gone. Belongs to the engine's thread.
/// </summary>
internal sealed class SlotCache
{
    private int versions;

    private SlotCache(LlamaConfig config, int slots, int contextTokens, torch.ScalarType dtype, torch.Device device)
    {
        Config = config;
        Slots = new SlotPool(slots);
        Cache = new KvCache(config, slots, contextTokens, dtype, device);
    }

    /// <summary>Shape of the versions that may share it.</summary>
    public LlamaConfig Config { get; }

    /// <summary>Keys and values.</summary>
    public KvCache Cache { get; }

    /// <summary>Who has which slot.</summary>
    public SlotPool Slots { get; }

    /// <summary>Tokens of a slot.</summary>
    public int ContextTokens => Cache.Capacity;

    /// <summary>Makes one with as many slots as the options allow and the memory limit has room for, one at least.</summary>
    public static SlotCache Create(LlamaConfig config, EngineOptions options, torch.Device device)
    {
        var contextTokens = ContextOf(config, options);
        var bytesPerSlot = 2L * config.Layers * config.KvHeads * config.HeadDim * contextTokens * options.BytesPerValue;
        var slots = Math.Clamp(options.MaxCacheBytes / bytesPerSlot, 1, options.MaxConcurrentRequests);
        return new SlotCache(config, (int)slots, contextTokens, options.ComputeType, device);
    }

    /// <summary>Tokens that prompt and answer of a model may have together.</summary>
    public static int ContextOf(LlamaConfig config, EngineOptions options) =>
        Math.Min(options.MaxContextTokens ?? int.MaxValue, config.MaxPositions);

    /// <summary>Takes a slot back from a sequence; what it left is wiped out where it may not be numbers.</summary>
    public void Return(Sequence sequence)
    {
        if (!sequence.EndedWell)
        {
            Cache.Clear(sequence.Slot, sequence.Tokens.Count);
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
            Cache.Dispose();
        }
    }
}
