using Orca.Model.Inference;
using Orca.Serving.Batching;
using Orca.Serving.Execution;

namespace Orca.Serving.Checkpoints;

/// <summary>
/// One checkpoint's weights, ready to answer. Made by the loader, then handed to the engine, whose thread alone uses and
/// frees it.
/// </summary>
/// <param name="number">Its number.</param>
/// <param name="language">What stands between texts and its tokens.</param>
/// <param name="model">The weights, ready to run; owned.</param>
/// <param name="files">What the weights are mapped from; owned, freed after the model. Null where there is nothing.</param>
internal sealed class StudentVersion(long number, StudentLanguage language, IInferenceModel model, IDisposable? files) : IDisposable
{
    private BlockStore? store;
    private bool isFreed;

    /// <summary>Its number.</summary>
    public long Number { get; } = number;

    /// <summary>What stands between texts and its tokens.</summary>
    public StudentLanguage Language { get; } = language;

    /// <summary>The weights, ready to run.</summary>
    public IInferenceModel Model { get; } = model;

    /// <summary>How it does while it answers.</summary>
    public VersionVitals Vitals { get; } = new();

    /// <summary>Its keys and values, from <see cref="Attach"/> on.</summary>
    public BlockStore Store => store ?? throw new EngineInvariantException($"version {Number} runs without a store");

    /// <summary>Tokens that prompt and answer may have together.</summary>
    public int ContextTokens => Store.ContextTokens;

    /// <summary>The name that comes before the first block of what it computes for a caller's requests of a salt.</summary>
    public UInt128 KeyRoot(string caller, string salt) => BlockKeys.Root(Number, caller, salt);

    /// <summary>Gives it a store, which other versions may share.</summary>
    public void Attach(BlockStore shared)
    {
        shared.Share();
        store = shared;
    }

    /// <summary>Frees the weights, ahead of the rest: it computes nothing any more.</summary>
    public void FreeWeights()
    {
        if (!isFreed)
        {
            isFreed = true;
            Model.Dispose();
            files?.Dispose();
        }
    }

    /// <summary>Frees weights and its share of the store.</summary>
    public void Dispose()
    {
        store?.Leave(Number);
        store = null;
        FreeWeights();
    }
}
