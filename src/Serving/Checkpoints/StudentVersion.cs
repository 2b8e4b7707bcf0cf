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
    private SlotCache? cache;

    /// <summary>Its number.</summary>
    public long Number { get; } = number;

    /// <summary>What stands between texts and its tokens.</summary>
    public StudentLanguage Language { get; } = language;

    /// <summary>The weights, ready to run.</summary>
    public IInferenceModel Model { get; } = model;

    /// <summary>How it does while it answers.</summary>
    public VersionVitals Vitals { get; } = new();

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

    /// <summary>Frees weights and its share of the cache.</summary>
    public void Dispose()
    {
        cache?.Leave();
        Model.Dispose();
        files?.Dispose();
    }
}
