using Google.Rpc;
using Grpc.Core;
using Grpc.Health.V1;
using Orca.Model.Inference;
using Orca.Protocol.Inference.V1;
using Orca.Protocol.Model.V1;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Grpc;

public class ModelControlTests
{
    [Fact]
    public async Task A_loaded_version_waits_answers_when_activated_and_gives_way_at_a_rollback()
    {
        await using var server = await ServerFixture.StartAsync("abc");
        var folder = server.Checkpoints.PublishSpellerElsewhere(2, "xyz");

        using var load = server.Model.LoadModelVersion(new LoadModelVersionRequest { Checkpoint = folder });
        var progress = await load.ResponseStream.ReadAllAsync().ToListAsync();
        var before = await TextAsync(server);
        var ready = progress[^1].ModelVersion;
        var activated = await server.Model.ActivateModelVersionAsync(new ActivateModelVersionRequest { Name = ready.Name, Etag = ready.Etag });
        var after = await TextAsync(server);
        var returned = await server.Model.RollbackModelAsync(new RollbackModelRequest { Reason = "a test" });

        Assert.Equal((LoadStage.Ready, ModelVersionState.Ready), (progress[^1].Stage, ready.State));
        Assert.Equal(progress[^1].TensorsTotal, progress[^1].TensorsChecked);
        Assert.Equal(("abc", "xyz", "abc"), (before, after, await TextAsync(server)));
        Assert.Equal((ModelVersionState.Active, 1UL), (activated.ModelVersion.State, returned.ModelVersion.Version));
    }

    [Fact]
    public async Task A_version_is_pinned_by_number_and_by_label_and_traffic_is_divided()
    {
        await using var server = await ServerFixture.StartAsync("abc");
        using var load = server.Model.LoadModelVersion(new LoadModelVersionRequest { Checkpoint = server.Checkpoints.PublishSpellerElsewhere(2, "xyz") });
        await load.ResponseStream.ReadAllAsync().ToListAsync();

        Assert.Equal("xyz", await TextAsync(server, new WeightPolicy { PinVersion = 2 }));
        Assert.Equal("xyz", await TextAsync(server, new WeightPolicy { VersionLabel = "latest" }));
        Assert.Equal("abc", await TextAsync(server, new WeightPolicy { VersionLabel = "stable" }));
        var split = await server.Model.SetVersionTrafficAsync(new SetVersionTrafficRequest
        {
            Splits = { new TrafficSplit { Version = 1, Percent = 90 }, new TrafficSplit { Version = 2, Percent = 10 } },
        });
        Assert.Equal([(1UL, 90U), (2UL, 10U)], split.Splits.Select(share => (share.Version, share.Percent)).Order());
        Assert.Equal("xyz", await TextAsync(server, new WeightPolicy { VersionLabel = "canary" }));

        await server.Model.SetVersionTrafficAsync(new SetVersionTrafficRequest());
        await server.Model.UnloadModelVersionAsync(new UnloadModelVersionRequest { Name = "models/student/versions/2" });
        await Patience.UntilAsync(() => server.Student.Versions.Find(2)!.State == VersionState.Unloaded);
    }

    // The text, the start token before it and the answer but for its last token are computed: 64 and 63 tokens here.
    [Theory]
    [InlineData(InferenceBackend.Cpu)]
    [InlineData(InferenceBackend.Torch)]
    public async Task A_version_tells_how_many_tokens_it_has_in_the_cache(InferenceBackend backend)
    {
        await using var server = await ServerFixture.StartAsync(
            "abc", endless: true, options: new EngineOptions { Inference = new InferenceOptions { Backend = backend }, Audit = true });
        async Task<ulong> TokensAsync() => (await server.Model.GetModelVersionAsync(new GetModelVersionRequest { Name = "models/student/versions/1" })).ModelVersion.KvTokens;
        Assert.Equal(0UL, await TokensAsync());

        using (var running = server.Stream(ServerFixture.Greedy(new string('a', 63), maxTokens: 190)))
        {
            await running.ResponseStream.ReadAllAsync().FirstAsync(response => response.Delta is not null);
            Assert.InRange(await TokensAsync(), 64UL, 253UL);
            await running.ResponseStream.ReadAllAsync().CountAsync();
        }

        await server.Inference.GenerateAsync(new GenerateRequest { Spec = ServerFixture.Greedy(new string('b', 63), maxTokens: 64) });
        await Patience.UntilAsync(() => server.Student.Engine.Load.Running == 0);
        var left = await TokensAsync();
        Assert.True(left >= 224 + 96, $"{left} tokens are left");
        var listed = await server.Model.ListModelVersionsAsync(new ListModelVersionsRequest());
        Assert.Equal(left, listed.ModelVersions.Single().KvTokens);
        await server.Student.Engine.ResetPrefixCache();
        Assert.Equal(0UL, await TokensAsync());
    }

    [Fact]
    public async Task Each_kind_of_refusal_has_its_status()
    {
        await using var server = await ServerFixture.StartAsync("abc");

        var unknown = await StatusOf(server.Model.ActivateModelVersionAsync(new ActivateModelVersionRequest { Name = "models/student/versions/9" }));
        var malformed = await StatusOf(server.Model.UnloadModelVersionAsync(new UnloadModelVersionRequest { Name = "nine" }));
        var stale = await StatusOf(server.Model.ActivateModelVersionAsync(new ActivateModelVersionRequest { Name = "models/student/versions/1", Etag = "old" }));
        var inUse = await StatusOf(server.Model.UnloadModelVersionAsync(new UnloadModelVersionRequest { Name = "models/student/versions/1" }));
        var empty = await StatusOf(server.Model.LoadModelVersion(new LoadModelVersionRequest()).ResponseStream.MoveNext());
        var newer = await StatusOf(server.Inference.GenerateAsync(new GenerateRequest { Spec = new GenerationSpec { WeightPolicy = new WeightPolicy { MinVersion = 5 } } }).ResponseAsync);
        var pinned = await StatusOf(server.Inference.GenerateAsync(new GenerateRequest { Spec = new GenerationSpec { WeightPolicy = new WeightPolicy { PinVersion = 5 } } }).ResponseAsync);

        Assert.Equal(StatusCode.NotFound, unknown.StatusCode);
        Assert.Equal("models/student/versions/9", unknown.GetRpcStatus()!.GetDetail<ResourceInfo>()!.ResourceName);
        Assert.Equal(StatusCode.NotFound, malformed.StatusCode);
        Assert.Equal(StatusCode.Aborted, stale.StatusCode);
        Assert.Equal(StatusCode.FailedPrecondition, inUse.StatusCode);
        Assert.Equal(StatusCode.InvalidArgument, empty.StatusCode);
        Assert.Equal((StatusCode.FailedPrecondition, StatusCode.NotFound), (newer.StatusCode, pinned.StatusCode));
        Assert.NotNull(newer.GetRpcStatus()!.GetDetail<PreconditionFailure>());
    }

    [Fact]
    public async Task A_damaged_checkpoint_ends_its_load_with_data_loss_and_what_answers_goes_on()
    {
        await using var server = await ServerFixture.StartAsync("abc");
        var folder = server.Checkpoints.PublishSpellerElsewhere(2, "xyz");
        var weights = Path.Combine(folder, "model.safetensors");
        var bytes = await File.ReadAllBytesAsync(weights);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(weights, bytes);

        using var load = server.Model.LoadModelVersion(new LoadModelVersionRequest { Checkpoint = folder, Activate = true });
        var stages = new List<LoadStage>();
        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (var progress in load.ResponseStream.ReadAllAsync())
            {
                stages.Add(progress.Stage);
            }
        });

        Assert.Equal((StatusCode.DataLoss, LoadStage.Rejected), (failure.StatusCode, stages[^1]));
        Assert.Equal("abc", await TextAsync(server));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/etc")]
    [InlineData("..")]
    [InlineData("step-00000001/../../x")]
    [InlineData("a\0b")]
    public async Task Only_what_lies_in_the_served_folder_or_a_named_one_is_loaded(string path)
    {
        await using var server = await ServerFixture.StartAsync("abc");
        using var stranger = new Publisher();
        foreach (var outside in new[] { path, server.Checkpoints.Root + "x", stranger.PublishSpeller(2, "xyz") })
        {
            var refused = await StatusOf(server.Model.LoadModelVersion(new LoadModelVersionRequest { Checkpoint = outside }).ResponseStream.MoveNext());
            Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
            Assert.Contains("lies outside the folders that checkpoints are loaded from", refused.Status.Detail);
            Assert.Contains("serving.checkpointFolders", refused.Status.Detail);
        }

        Assert.Single(server.Student.Versions.List());
        foreach (var inside in new[] { "step-00000001", server.Checkpoints.PublishSpellerElsewhere(3, "xyz") })
        {
            using var load = server.Model.LoadModelVersion(new LoadModelVersionRequest { Checkpoint = inside });
            Assert.Equal(LoadStage.Ready, (await load.ResponseStream.ReadAllAsync().LastAsync()).Stage);
        }
    }

    [Fact]
    public async Task A_rollback_that_has_nothing_to_return_to_says_so()
    {
        await using var server = await ServerFixture.StartAsync("abc");
        var refused = await StatusOf(server.Model.RollbackModelAsync(new RollbackModelRequest { Reason = "a test" }));
        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        Assert.Contains("No version but 1 is loaded", refused.Status.Detail);
    }

    [Fact]
    public async Task Health_tells_of_each_version_and_a_watch_sees_it_go()
    {
        await using var server = await ServerFixture.StartAsync("abc");
        using var load = server.Model.LoadModelVersion(new LoadModelVersionRequest { Checkpoint = server.Checkpoints.PublishSpellerElsewhere(2, "xyz") });
        await load.ResponseStream.ReadAllAsync().ToListAsync();
        var health = new Health.HealthClient(server.Channel);
        using var watch = health.Watch(new HealthCheckRequest { Service = "orca.model.v1.ModelService/2" });

        await SeesAsync(watch, HealthCheckResponse.Types.ServingStatus.Serving);
        await server.Model.UnloadModelVersionAsync(new UnloadModelVersionRequest { Name = "models/student/versions/2" });
        await SeesAsync(watch, HealthCheckResponse.Types.ServingStatus.ServiceUnknown);
    }

    private static async Task SeesAsync(AsyncServerStreamingCall<HealthCheckResponse> watch, HealthCheckResponse.Types.ServingStatus status)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        do
        {
            Assert.True(await watch.ResponseStream.MoveNext(patience.Token));
        }
        while (watch.ResponseStream.Current.Status != status);
    }

    private static async Task<string> TextAsync(ServerFixture server, WeightPolicy? policy = null)
    {
        var spec = ServerFixture.Greedy();
        spec.WeightPolicy = policy;
        return (await server.Inference.GenerateAsync(new GenerateRequest { Spec = spec })).Text;
    }

    private static Task<RpcException> StatusOf<T>(AsyncUnaryCall<T> call) => StatusOf(call.ResponseAsync);

    private static Task<RpcException> StatusOf(Task call) => Assert.ThrowsAsync<RpcException>(() => call);
}
