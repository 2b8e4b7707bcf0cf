using Microsoft.Extensions.Logging.Abstractions;
using Orca.Model.Network;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Hosting;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Engine;
using Orca.Serving.Tests.Students;
using TorchSharp;

namespace Orca.Serving.Tests.Observability;

/// <summary>What is counted of versions that were rolled back and checkpoints that were refused.</summary>
public sealed class VersionMetricsTests : IAsyncDisposable
{
    private const string Rollbacks = "orca.model.rollbacks";
    private const string Refusals = "orca.model.refusals";

    private readonly Publisher publisher = new();
    private StudentServer? server;

    [Fact]
    public async Task Before_anything_happened_every_cause_is_there_and_zero()
    {
        await OpenAsync(new LoadingOptions());
        using var seen = new MeterRecorder(server!.Engine.Metrics.Meter);
        Assert.Equal(["command", "tripwire"], seen.Now(Rollbacks).Keys.Order());
        Assert.Equal(["circumstance", "damaged", "quarantined", "unfit"], seen.Now(Refusals).Keys.Order());
        Assert.All(seen.Now(Rollbacks).Values.Concat(seen.Now(Refusals).Values), count => Assert.Equal(0, count));
    }

    [Theory]
    [InlineData(MemoryPlan.DoubleBuffered)]
    [InlineData(MemoryPlan.InPlace)]
    public async Task A_rollback_that_was_asked_for_counts_as_a_command_and_one_that_had_no_target_as_nothing(MemoryPlan plan)
    {
        await OpenAsync(new LoadingOptions { Plan = plan });
        using var seen = new MeterRecorder(server!.Engine.Metrics.Meter);
        await Assert.ThrowsAsync<GenerationException>(() => server.RollbackAsync(null, "there is one version only"));
        Assert.Equal((0, 0), (seen.Now(Rollbacks)["command"], seen.Now(Rollbacks)["tripwire"]));

        await LoadAsync(publisher.PublishSpeller(2, "cba"));
        await server.RollbackAsync(null, "a test");
        Assert.Equal((1, 0), (seen.Now(Rollbacks)["command"], seen.Now(Rollbacks)["tripwire"]));
    }

    [Theory]
    [InlineData(MemoryPlan.DoubleBuffered)]
    [InlineData(MemoryPlan.InPlace)]
    public async Task A_rollback_of_itself_counts_as_a_tripwire(MemoryPlan plan)
    {
        await OpenAsync(new LoadingOptions { Plan = plan });
        using var seen = new MeterRecorder(server!.Engine.Metrics.Meter);
        for (var i = 0; i < 150; i++)
        {
            await AskAsync("");
        }

        var (config, weights) = Failing();
        await LoadAsync(publisher.Publish(2, config, weights));
        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<GenerationException>(() => AskAsync("Z"));
        }

        await Patience.UntilAsync(() => seen.Now(Rollbacks)["tripwire"] == 1);
        Assert.Equal(0, seen.Now(Rollbacks)["command"]);
        Assert.Equal("step-00000001", server.Versions.Active!.Checkpoint);
    }

    [Fact]
    public async Task Each_kind_of_refusal_is_counted_by_its_cause()
    {
        await OpenAsync(new LoadingOptions { MaxProbeDivergence = 0.5, MaxWeightBytes = 10_000_000 });
        using var seen = new MeterRecorder(server!.Engine.Metrics.Meter);
        var unfit = publisher.PublishSpeller(2, "cba");
        var damaged = publisher.PublishSpeller(3, "abc");
        await File.AppendAllTextAsync(Path.Combine(damaged, "model.safetensors"), "more", TestContext.Current.CancellationToken);
        var config = ToyStudent.Config with { HiddenSize = 2_048 };
        var large = publisher.Publish(4, config, ToyStudent.RandomWeights(config, seed: 4));
        foreach (var folder in new[] { unfit, damaged, large, unfit, unfit })
        {
            Assert.Equal(VersionState.Rejected, (await LoadAsync(folder)).State);
        }

        Assert.Equal(
            new Dictionary<string, double> { ["unfit"] = 1, ["damaged"] = 1, ["circumstance"] = 1, ["quarantined"] = 2 },
            seen.Now(Refusals));
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        publisher.Dispose();
    }

    /// <summary>A speller whose logits after a Z are no numbers; the probe has none.</summary>
    private static (LlamaConfig Config, Dictionary<string, torch.Tensor> Weights) Failing()
    {
        var (config, weights) = ToyStudent.Spelling("cba");
        using var scope = torch.NewDisposeScope();
        weights[LlamaParameters.HeadName].narrow(1, 'Z', 1).fill_(3e38f);
        return (config, weights);
    }

    private async Task OpenAsync(LoadingOptions loading) => server = await StudentServer.OpenAsync(
        publisher.PublishSpeller(1, "abc"), new EngineOptions(), NullLoggerFactory.Instance, loading: loading);

    private async Task<VersionRecord> LoadAsync(string folder) =>
        await server!.LoadAsync(folder, activate: true, cancellationToken: TestContext.Current.CancellationToken).LastAsync(TestContext.Current.CancellationToken);

    private Task<Generation> AskAsync(string text) =>
        server!.Engine.GenerateAsync(EngineFixture.Greedy(new PromptInput.PlainText(text), maxTokens: 12));
}
