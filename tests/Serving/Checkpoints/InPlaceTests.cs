using Microsoft.Extensions.Logging.Abstractions;
using Orca.Model.Inference;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Hosting;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Engine;
using Orca.Serving.Tests.Students;
using TorchSharp;

namespace Orca.Serving.Tests.Checkpoints;

/// <summary>Versions that take the place of the one that answers, where two do not fit.</summary>
[Collection(nameof(Alone))]
public sealed class InPlaceTests : IAsyncDisposable
{
    private const string Forward = "abcdefghijklmnop";
    private const string Backward = "ponmlkjihgfedcba";

    private readonly Publisher publisher = new();
    private StudentServer? server;

    [Fact]
    public async Task A_version_takes_the_place_of_the_one_that_answers_when_its_pinned_requests_have_finished()
    {
        await OpenAsync(new LoadingOptions { Plan = MemoryPlan.InPlace });
        await using var running = server!.Engine.StreamAsync(
            EngineFixture.Greedy(PromptInput.StartToken),
            TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await running.MoveNextAsync());
        var load = LoadAsync(publisher.PublishSpeller(2, Backward));
        var text = "";
        while (await running.MoveNextAsync())
        {
            text += (running.Current as GenerationEvent.Delta)?.Text;
        }

        Assert.Equal(Forward, text);
        Assert.Equal(VersionState.Active, (await load).State);
        Assert.Equal((Backward, 2L), await AskAsync());
        Assert.Equal(VersionState.Unloaded, server.Versions.Find(1)!.State);
        Assert.Equal([(2L, 100)], server.Traffic);
    }

    [Theory]
    [InlineData(InferenceBackend.Torch)]
    [InlineData(InferenceBackend.Auto)]
    public async Task Pitfall_7_Where_the_load_fails_half_way_the_old_version_comes_back_even_from_a_deleted_folder(InferenceBackend backend)
    {
        var loading = new LoadingOptions { Plan = MemoryPlan.InPlace, MaxProbeDivergence = 0.5 };
        await OpenAsync(loading, new EngineOptions { Inference = new InferenceOptions { Backend = backend } });
        var before = torch.Tensor.TotalCount;
        Directory.Delete(Path.Combine(publisher.Root, "step-00000001"), recursive: true);
        for (var step = 2; step < 6; step++)
        {
            var refused = await LoadAsync(publisher.PublishSpeller(step, Backward[step..]));
            Assert.Equal(VersionState.Rejected, refused.State);
            Assert.Contains("above the bound", refused.Reason);
            var (text, version) = await AskAsync();
            Assert.Equal((Forward, server!.Versions.Active!.Number), (text, version));
            Assert.Equal("step-00000001", server.Versions.Active.Checkpoint);
        }

        Assert.Equal(before, torch.Tensor.TotalCount);
        Assert.Equal(VersionState.Active, (await LoadAsync(publisher.PublishSpeller(6, Forward))).State);
        Assert.Equal(Forward, (await AskAsync()).Text);
    }

    [Fact]
    public async Task A_rollback_loads_the_version_replaced_last_again()
    {
        await OpenAsync(new LoadingOptions { Plan = MemoryPlan.InPlace, MaxProbeDivergence = 17 });
        var left = publisher.PublishSpeller(2, Backward);
        await LoadAsync(left);
        var target = await server!.RollbackAsync(null, "the answers are backward");
        Assert.Equal(("step-00000001", VersionState.Active), (target.Checkpoint, target.State));
        Assert.Equal(Forward, (await AskAsync()).Text);
        Assert.Equal(
            (VersionState.Rejected, "It was rolled back: the answers are backward"),
            (server.Versions.Find(2)!.State, server.Versions.Find(2)!.Reason));
        Assert.Contains("is quarantined", (await LoadAsync(left)).Reason);
    }

    [Fact]
    public async Task A_rollback_that_has_nothing_to_load_condemns_nothing_and_what_answers_goes_on()
    {
        await OpenAsync(new LoadingOptions { Plan = MemoryPlan.InPlace });
        var left = publisher.PublishSpeller(2, Backward);
        await LoadAsync(left);
        Directory.Delete(Path.Combine(publisher.Root, "step-00000001"), recursive: true);

        var refusal = await Assert.ThrowsAsync<GenerationException>(() => server!.RollbackAsync(null, "the answers are backward"));
        Assert.Equal(Failure.CheckpointDamaged, refusal.Failure);
        Assert.StartsWith("There is no way back to '", refusal.Message);
        Assert.EndsWith(".", refusal.Message);
        Assert.Equal((Backward, 2L), await AskAsync());
        Assert.Equal((VersionState.Active, null), (server!.Versions.Find(2)!.State, server.Versions.Find(2)!.Reason));
        Assert.Equal(VersionState.Active, (await LoadAsync(left)).State);
    }

    [Fact]
    public async Task A_rollback_whose_target_fails_half_way_leaves_what_answered_answering_and_welcome()
    {
        await OpenAsync(new LoadingOptions { Plan = MemoryPlan.InPlace });
        var left = publisher.PublishSpeller(2, Backward);
        await LoadAsync(left);
        await File.AppendAllTextAsync(
            Path.Combine(publisher.Root, "step-00000001", "model.safetensors"), "more", TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<GenerationException>(() => server!.RollbackAsync(null, "the answers are backward"));
        Assert.Equal(Backward, (await AskAsync()).Text);
        Assert.Equal(VersionState.Active, (await LoadAsync(left)).State);
    }

    [Fact]
    public async Task A_damaged_checkpoint_never_costs_the_old_version_its_place()
    {
        await OpenAsync(new LoadingOptions { Plan = MemoryPlan.InPlace });
        var folder = publisher.PublishSpeller(2, Backward);
        var path = Path.Combine(folder, "model.safetensors");
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
        Assert.Equal(VersionState.Rejected, (await LoadAsync(folder)).State);
        Assert.Equal((Forward, 1L), await AskAsync());
    }

    [Fact]
    public async Task What_does_not_fit_beside_is_not_loaded_without_being_activated()
    {
        await OpenAsync(new LoadingOptions { MaxWeightBytes = 2_000_000 });
        var refused = await LoadAsync(publisher.PublishSpeller(2, Backward), activate: false);
        Assert.Equal(VersionState.Rejected, refused.State);
        Assert.Contains("does not fit beside the version that answers", refused.Reason);
        Assert.Equal(VersionState.Active, (await LoadAsync(publisher.PublishSpeller(3, Backward))).State);
        Assert.Equal(VersionState.Unloaded, server!.Versions.Find(1)!.State);
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        publisher.Dispose();
    }

    private async Task OpenAsync(LoadingOptions loading, EngineOptions? options = null) => server = await StudentServer.OpenAsync(
        publisher.PublishSpeller(1, Forward), options ?? new EngineOptions(), NullLoggerFactory.Instance, loading: loading);

    private async Task<VersionRecord> LoadAsync(string folder, bool activate = true) =>
        await server!.LoadAsync(folder, activate, cancellationToken: TestContext.Current.CancellationToken).LastAsync(TestContext.Current.CancellationToken);

    private async Task<(string Text, long Version)> AskAsync()
    {
        var answer = await server!.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken, maxTokens: 20));
        return (answer.Text, answer.Version);
    }
}
