using Orca.Model.Network;
using Orca.Serving.Batching;
using Orca.Serving.Execution;

namespace Orca.Serving.Checkpoints;

/// <summary>
/// One checkpoint's weights, ready to answer. Made by the loader, then handed to the engine, whose thread alone uses and
/// frees it.
/// </summary>
internal sealed class StudentVersion(long number, StudentLanguage language, LlamaModel model, IDisposable owner) : IDisposable
{
    private SlotCache? cache;

    /// <summary>Its number.</summary>
    public long Number { get; } = number;

    /// <summary>What stands between texts and its tokens.</summary>
    public StudentLanguage Language { get; } = language;

    /// <summary>The network.</summary>
    public LlamaModel Model { get; } = model;

    /// <summary>Its keys and values, from <see cref="Attach"/> on.</summary>
    public SlotCache Cache => cache ?? throw new EngineInvariantException($"version {Number} runs without a cache");

    /// <summary>The slots of its cache.</summary>
    public SlotPool Slots => Cache.Slots;

    /// <summary>Tokens that prompt and answer may have together.</summary>
    public int ContextTokens => Cache.ContextTokens;

    /// <summary>Gives it a cache, which other versions may share.</summary>
    public void Attach(SlotCache shared)
    {
        shared.Share();
        cache = shared;
    }

    /// <summary>Frees network, weights and its share of the cache.</summary>
    public void Dispose()
    {
        cache?.Leave();
        owner.Dispose();
    }
}
