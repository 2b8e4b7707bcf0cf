using Microsoft.Extensions.Logging.Abstractions;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Requests;

namespace Orca.Serving.Tests.Engine;

/// <summary>An engine with versions entered by hand, as a loader would.</summary>
internal sealed class EngineFixture : IAsyncDisposable
{
    public EngineFixture(EngineOptions? options = null)
    {
        Versions = new VersionRegistry(TimeProvider.System);
        Engine = new InferenceEngine(options ?? new EngineOptions(), Versions, TimeProvider.System, NullLogger<InferenceEngine>.Instance);
    }

    public VersionRegistry Versions { get; }

    public InferenceEngine Engine { get; }

    /// <summary>Makes a version answer; gives its number.</summary>
    public async Task<long> InstallAsync(Func<long, StudentVersion> make)
    {
        var number = Versions.Begin("made by hand");
        var previous = Engine.ActiveVersion;
        await Engine.InstallAsync(make(number));
        await Engine.ActivateAsync(number);
        if (previous is { } old)
        {
            _ = Engine.UnloadAsync(old);
            await Patience.UntilAsync(() => Versions.Find(old)!.State is VersionState.Draining or VersionState.Unloaded);
        }

        return number;
    }

    /// <summary>Loads a version beside the others.</summary>
    public async Task<long> LoadAsync(Func<long, StudentVersion> make)
    {
        var number = Versions.Begin("made by hand");
        await Engine.InstallAsync(make(number));
        return number;
    }

    /// <summary>A greedy request.</summary>
    public static GenerationRequest Greedy(PromptInput prompt, int? maxTokens = null) => new()
    {
        Prompt = prompt,
        Sampling = SamplingOptions.Greedy,
        Stopping = new StoppingOptions { MaxTokens = maxTokens },
    };

    public ValueTask DisposeAsync() => Engine.DisposeAsync();
}
