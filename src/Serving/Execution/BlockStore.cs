using Orca.Model.Inference;
using Orca.Model.Network;
using Orca.Serving.Batching;
using Orca.Serving.Engine;

namespace Orca.Serving.Execution;

/// <summary>
/// Keys and values in blocks, who has which, and how long steps over them take. Versions of the same shape share one: what
/// can be found in it is named after the version that computed it, so no version ever reads what another wrote unless its
/// request asked for that. Freed when its last version is gone. Belongs to the engine's thread.
/// </summary>
internal sealed class BlockStore
{
    private readonly BlockShape shape;
    private int versions;

    private BlockStore(IKeyValueStore store, int contextTokens, CacheLedger ledger)
    {
        (Store, ContextTokens) = (store, contextTokens);
        shape = BlockShape.Of(store.BlockTokens, contextTokens, store.Copy);
        Pool = new BlockPool(store.Blocks, store.Clear, shape.Names, ledger);
    }

    /// <summary>Keys and values.</summary>
    public IKeyValueStore Store { get; }

    /// <summary>Who has which block.</summary>
    public BlockPool Pool { get; }

    /// <summary>How long steps take.</summary>
    public StepTimes Times { get; } = new();

    /// <summary>Whether a sequence has one block alone.</summary>
    public bool HoldsWholeSequences => shape.IsWholeSequence;

    /// <summary>Tokens that a sequence may have.</summary>
    public int ContextTokens { get; }

    /// <summary>
    /// Makes one with room for as many whole contexts as requests may run, or for as much as the memory limit allows. Where
    /// that is less than one context, the context is shortened: one sequence alone always fits.
    /// </summary>
    public static BlockStore Create(IInferenceModel model, EngineOptions options, CacheLedger ledger)
    {
        var contextTokens = (int)Math.Clamp(options.MaxCacheBytes / model.CacheBytesPerToken, 2, ContextOf(model.Config, options));
        var blockTokens = model.BlockTokens(contextTokens);
        var perContext = BlocksFor(contextTokens, blockTokens);
        var blocks = Math.Clamp(
            options.MaxCacheBytes / (model.CacheBytesPerToken * blockTokens), perContext, (long)perContext * options.MaxConcurrentRequests);
        return new BlockStore(model.CreateStore((int)blocks, blockTokens), contextTokens, ledger);
    }

    /// <summary>Tokens that prompt and answer of a model may have together.</summary>
    public static int ContextOf(LlamaConfig config, EngineOptions options) =>
        Math.Min(options.MaxContextTokens ?? int.MaxValue, config.MaxPositions);

    /// <summary>Blocks that hold so many tokens.</summary>
    public int BlocksFor(int tokens) => BlocksFor(tokens, Store.BlockTokens);

    /// <summary>An empty table for a sequence of at most so many tokens.</summary>
    public BlockTable CreateTable(int tokens) => new(Pool, shape, BlocksFor(tokens));

    /// <summary>One more version uses it.</summary>
    public void Share() => versions++;

    /// <summary>A version uses it no longer, and what that left is forgotten; the last frees it.</summary>
    /// <exception cref="EngineInvariantException">A block of it is still used.</exception>
    public void Leave(long version)
    {
        Pool.Forget(version);
        if (--versions == 0)
        {
            EngineInvariantException.Require(Pool.Used == 0, $"a store is freed with {Pool.Used} blocks in use");
            Store.Dispose();
        }
    }

    private static int BlocksFor(int tokens, int blockTokens) => (tokens + blockTokens - 1) / blockTokens;
}
