using System.Collections.Immutable;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Engine;

/// <summary>A version that takes the place of all others, and cannot.</summary>
public class ReplacementTests
{
    private static readonly ImmutableArray<int> Prompt = [1, 2, 3];

    [Fact]
    public async Task Where_there_is_no_memory_for_the_new_version_s_cache_it_is_freed_and_the_old_one_loaded_again()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => Version(number, new TracingModel(1, 8)));
        var (unfit, heard) = (new TracingModel(2, 8) { StoreFault = new OutOfMemoryException("no room") }, new List<string>());
        await fixture.Engine.ReplaceAsync(
            () => Version(fixture.Versions.Begin("new"), unfit),
            fault =>
            {
                heard.Add(fault.Message);
                Assert.True(unfit.IsDisposed, "the old one needs the room");
                return Version(fixture.Versions.Begin("old"), new TracingModel(1, 8));
            });

        Assert.Equal(["no room"], heard);
        Assert.Equal(TracingModel.Answer(Prompt, 5, weights: 1), await AskAsync(fixture));
        Assert.Equal(3, fixture.Engine.ActiveVersion);
    }

    [Fact]
    public async Task Where_the_old_one_cannot_be_loaded_again_either_requests_are_refused_and_the_next_version_is_welcome()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => Version(number, new TracingModel(1, 8)));
        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => fixture.Engine.ReplaceAsync(
            () => throw new IOException("gone"), fault => throw new InvalidOperationException("gone too", fault)));

        Assert.IsType<IOException>(fault.InnerException);
        Assert.Equal(Failure.NoModel, (await Assert.ThrowsAsync<GenerationException>(() => AskAsync(fixture))).Failure);
        Assert.False(fixture.Engine.Completion.IsCompleted);
        await fixture.InstallAsync(number => Version(number, new TracingModel(4, 8)));
        Assert.Equal(TracingModel.Answer(Prompt, 5, weights: 4), await AskAsync(fixture));
    }

    private static StudentVersion Version(long number, TracingModel model) =>
        new(number, ToyStudent.LanguageOf(Bytes.VocabularySize), model, files: null);

    private static async Task<int[]> AskAsync(EngineFixture fixture) =>
        [.. (await fixture.Engine.GenerateAsync(EngineFixture.Greedy(new PromptInput.Tokens(Prompt), 5))).Tokens];
}
