using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Protocol.Model.V1;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Hosting;
using Orca.Serving.Tests.Grpc;
using Orca.Serving.Tests.Observability;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Checkpoints;

/// <summary>What was refused or rolled back stays so when the server is started again, until somebody lifts it.</summary>
public sealed class QuarantineRestartTests : IDisposable
{
    private readonly Publisher publisher = new();

    [Fact]
    public async Task A_version_that_was_rolled_back_does_not_answer_after_a_restart()
    {
        publisher.PublishSpeller(1, "abc");
        await using (var before = await FollowAsync(1))
        {
            publisher.PublishSpeller(2, "cba");
            await before.WaitForStepAsync(2, TestContext.Current.CancellationToken);
            await before.RollbackAsync(null, "the answers are backward");
        }

        await using var after = await FollowAsync(1);
        using var seen = new MeterRecorder(after.Engine.Metrics.Meter);
        Assert.Equal("step-00000001", Assert.Single(after.Versions.List()).Checkpoint);
        Assert.Equal(1, seen.Now("orca.model.refusals")["quarantined"]);
        publisher.PublishSpeller(3, "bca");
        await after.WaitForStepAsync(3, TestContext.Current.CancellationToken);
    }

    // At a start there is nothing to compare with: the probe would let it pass.
    [Fact]
    public async Task A_checkpoint_that_the_probe_refused_is_not_the_first_to_answer_after_a_restart()
    {
        var loading = new LoadingOptions { MinInterval = TimeSpan.Zero, MaxProbeDivergence = 1 };
        publisher.PublishSpeller(1, "abc");
        await using (var before = await FollowAsync(1, loading))
        {
            publisher.PublishSpeller(2, "cba");
            await Patience.UntilAsync(() => before.Versions.Find(2)?.State == VersionState.Rejected);
        }

        await using var after = await FollowAsync(1, loading);
        Assert.Single(after.Versions.List());
    }

    [Fact]
    public async Task A_folder_that_holds_nothing_but_the_quarantine_can_be_served()
    {
        publisher.PublishSpeller(1, "abc");
        await using (var before = await FollowAsync(1))
        {
            publisher.PublishSpeller(2, "cba");
            await before.WaitForStepAsync(2, TestContext.Current.CancellationToken);
            await before.RollbackAsync(null, "a test");
        }

        foreach (var folder in Directory.EnumerateDirectories(publisher.Root))
        {
            Directory.Delete(folder, recursive: true);
        }

        File.Delete(Path.Combine(publisher.Root, "latest"));
        Assert.All(
            Directory.EnumerateFileSystemEntries(publisher.Root),
            entry => Assert.True(QuarantineFile.Owns(Path.GetFileName(entry)), entry));
        await using var after = await StudentServer.StartAsync(publisher.Root, new EngineOptions(), NullLoggerFactory.Instance);
        publisher.PublishSpeller(3, "bca");
        await after.WaitForStepAsync(3, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_command_that_asks_for_it_lifts_the_quarantine_for_good()
    {
        await using var server = await ServerFixture.StartAsync("abc");
        var left = Path.GetFileName(server.Checkpoints.PublishSpeller(2, "cba"));
        await server.ServesAsync(2);
        await server.Model.RollbackModelAsync(new RollbackModelRequest { Reason = "a test" });
        var refused = await Assert.ThrowsAsync<RpcException>(() => LoadAsync(server, left, lift: false));
        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        Assert.Contains("is quarantined: a test", refused.Status.Detail, StringComparison.Ordinal);

        Assert.Equal(ModelVersionState.Active, (await LoadAsync(server, left, lift: true)).State);
        await using var another = StudentServer.Follow(server.Checkpoints.Root, new EngineOptions(), NullLoggerFactory.Instance);
        await another.WaitForStepAsync(2, TestContext.Current.CancellationToken);
    }

    // As folders from elsewhere are: what they hold is known when it is read.
    [Fact]
    public async Task Content_without_a_manifest_is_known_again_too_and_can_be_lifted()
    {
        await using var server = await ServerFixture.StartAsync("abc");
        var folder = server.Checkpoints.PublishSpellerElsewhere(2, "cba");
        File.Delete(Path.Combine(folder, "orca.json"));
        Assert.Equal(ModelVersionState.Active, (await LoadAsync(server, folder, lift: false)).State);
        await server.Model.RollbackModelAsync(new RollbackModelRequest { Reason = "a test" });

        Assert.Equal(
            StatusCode.FailedPrecondition,
            (await Assert.ThrowsAsync<RpcException>(() => LoadAsync(server, folder, lift: false))).StatusCode);
        Assert.Equal(ModelVersionState.Active, (await LoadAsync(server, folder, lift: true)).State);
    }

    public void Dispose() => publisher.Dispose();

    private async Task<StudentServer> FollowAsync(long step, LoadingOptions? loading = null)
    {
        var server = StudentServer.Follow(
            publisher.Root, new EngineOptions(), NullLoggerFactory.Instance,
            loading: loading ?? new LoadingOptions { MinInterval = TimeSpan.Zero });
        await server.WaitForStepAsync(step, TestContext.Current.CancellationToken);
        return server;
    }

    private static async Task<ModelVersion> LoadAsync(ServerFixture server, string checkpoint, bool lift)
    {
        using var load = server.Model.LoadModelVersion(new LoadModelVersionRequest { Checkpoint = checkpoint, Activate = true, LiftQuarantine = lift });
        return (await load.ResponseStream.ReadAllAsync().LastAsync()).ModelVersion;
    }
}
