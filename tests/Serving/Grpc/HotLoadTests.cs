using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Model.Network;
using Orca.Protocol.Inference.V1;
using Orca.Protocol.Model.V1;
using Orca.Serving.Engine;
using Orca.Serving.Hosting;
using Orca.Serving.Tests.Students;
using TorchSharp;

namespace Orca.Serving.Tests.Grpc;

public class HotLoadTests
{
    private const string Forward = "abcdefghijklmnopqrstuvwxyz";
    private const string Backward = "zyxwvutsrqponmlkjihgfedcba";

    [Fact]
    public async Task An_answer_under_way_is_what_a_server_that_never_reloaded_gives_and_the_next_is_the_new_version_s()
    {
        await using var server = await ServerFixture.StartAsync(Forward, endless: true, context: 1024);
        using var call = server.Stream(ServerFixture.Greedy());
        await call.ResponseStream.MoveNext();
        server.Checkpoints.PublishSpeller(2, Backward);
        await server.ServesAsync(2);
        var next = await server.Inference.GenerateAsync(new GenerateRequest { Spec = ServerFixture.Greedy() });
        var rest = await call.ResponseStream.ReadAllAsync().ToListAsync();

        Assert.Equal(ToyStudent.Endless(Forward, 1023), string.Concat(rest.Select(generated => generated.Delta?.Text)));
        Assert.All(rest.Where(generated => generated.Delta is not null), generated => Assert.Equal(1UL, generated.Delta.WeightVersion));
        Assert.Equal((Backward, 2UL), (next.Text, next.WeightVersion));
    }

    [Fact]
    public async Task Many_reloads_under_load_fail_no_call_and_mix_no_answer()
    {
        await using var server = await ServerFixture.StartAsync(Forward);
        using var enough = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 4).Select(_ => AskAsync()).ToList();
        var between = new List<GenerateResponse>();
        for (var step = 2; step <= 15; step++)
        {
            server.Checkpoints.PublishSpeller(step, step % 2 == 0 ? Backward : Forward);
            await server.ServesAsync(step);
            between.Add(await server.Inference.GenerateAsync(new GenerateRequest { Spec = ServerFixture.Greedy() }));
        }

        await enough.CancelAsync();
        var answers = (await Task.WhenAll(callers)).SelectMany(answered => answered).Concat(between).ToList();

        Assert.All(answers, answer => Assert.Equal(answer.WeightVersion % 2 == 0 ? Backward : Forward, answer.Text));
        Assert.True(answers.Select(answer => answer.WeightVersion).Distinct().Count() > 5);

        async Task<List<GenerateResponse>> AskAsync()
        {
            var answered = new List<GenerateResponse>();
            while (!enough.IsCancellationRequested)
            {
                answered.Add(await server.Inference.GenerateAsync(new GenerateRequest { Spec = ServerFixture.Greedy() }));
            }

            return answered;
        }
    }

    [Theory]
    [InlineData("model.safetensors", "it may be truncated")]
    [InlineData("config.json", "SHA-256")]
    [InlineData("tokenizer.json", "SHA-256")]
    public async Task A_damaged_checkpoint_is_rejected_with_its_reason_and_the_old_version_goes_on(string file, string reason)
    {
        await using var server = await ServerFixture.StartAsync(Forward);
        using var elsewhere = new Publisher();
        var damaged = elsewhere.PublishSpeller(2, Backward);
        using (var stream = File.Open(Path.Combine(damaged, file), FileMode.Open))
        {
            stream.SetLength(stream.Length / 2);
        }

        // As a copy from elsewhere would arrive, whole by its names.
        server.Checkpoints.MoveHere(damaged);
        var rejected = await ChangeAsync(server, version => version.State == ModelVersionState.Rejected);

        Assert.Equal(("step-00000002", 2UL), (rejected.Checkpoint, rejected.Version));
        Assert.Contains(reason, rejected.Validation.Violations.Single());
        Assert.Equal((Forward, 1UL), await AskAsync(server));
        server.Checkpoints.PublishSpeller(3, Backward);
        await server.ServesAsync(3);
        Assert.Equal((Backward, 3UL), await AskAsync(server));
    }

    [Fact]
    public async Task Weights_that_are_no_numbers_are_counted_and_rejected()
    {
        await using var server = await ServerFixture.StartAsync(Forward);
        var weights = ToyStudent.RandomWeights(ToyStudent.Config, 1);
        using (var row = weights["model.norm.weight"].narrow(0, 0, 3))
        {
            using Scalar infinite = float.PositiveInfinity;
            row.fill_(infinite);
        }

        server.Checkpoints.Publish(2, ToyStudent.Config, weights);
        var rejected = await ChangeAsync(server, version => version.State == ModelVersionState.Rejected);

        Assert.Equal((3UL, true, true), (rejected.Validation.NonfiniteValues, rejected.Validation.DigestOk, rejected.Validation.ShapesOk));
        Assert.Equal((Forward, 1UL), await AskAsync(server));
    }

    [Fact]
    public async Task A_start_with_a_damaged_newest_checkpoint_serves_the_one_before()
    {
        using var checkpoints = new Publisher();
        checkpoints.PublishSpeller(1, Forward);
        var newest = checkpoints.PublishSpeller(2, Backward);
        File.AppendAllText(Path.Combine(newest, "model.safetensors"), "x");

        await using var student = StudentServer.Follow(checkpoints.Root, new EngineOptions(), NullLoggerFactory.Instance);
        await student.WaitForStepAsync(1, TestContext.Current.CancellationToken);

        Assert.Equal([1L, 2L], student.Versions.List().Select(version => version.TrainerStep == 0 ? 2 : version.TrainerStep));
    }

    [Fact]
    public async Task A_version_of_another_shape_takes_over()
    {
        await using var server = await ServerFixture.StartAsync(Forward);
        server.Checkpoints.Publish(
            2, ToyStudent.Config, LlamaParameters.Initialize(ToyStudent.Config, 1, torch.ScalarType.Float32, torch.CPU));
        await server.ServesAsync(2);

        var model = (await server.Model.GetModelAsync(new GetModelRequest())).Model;
        Assert.Equal((2UL, (uint)ToyStudent.Config.HiddenSize), (model.ActiveVersion, model.HiddenSize));
        Assert.Equal(2UL, (await AskAsync(server)).Version);
    }

    [Fact]
    public async Task Versions_are_listed_by_page_found_by_name_and_watched_from_where_a_watch_left_off()
    {
        await using var server = await ServerFixture.StartAsync(Forward);
        for (var step = 2; step <= 5; step++)
        {
            server.Checkpoints.PublishRandom(step * 100, seed: step);
            await server.ServesAsync(step * 100);
        }

        await ChangeAsync(server, version => version is { Version: 3, State: ModelVersionState.Unloaded });
        var first = await server.Model.ListModelVersionsAsync(new ListModelVersionsRequest { PageSize = 3 });
        var second = await server.Model.ListModelVersionsAsync(new ListModelVersionsRequest { PageSize = 3, PageToken = first.NextPageToken });
        var found = (await server.Model.GetModelVersionAsync(new GetModelVersionRequest { Name = "models/student/versions/5" })).ModelVersion;
        var unknown = await Assert.ThrowsAsync<RpcException>(
            async () => await server.Model.GetModelVersionAsync(new GetModelVersionRequest { Name = "models/student/versions/9" }));
        using var watch = server.Model.WatchModelVersions(new WatchModelVersionsRequest { StartSequence = 0 });
        await watch.ResponseStream.MoveNext();
        using var later = server.Model.WatchModelVersions(new WatchModelVersionsRequest { StartSequence = watch.ResponseStream.Current.Sequence });
        await watch.ResponseStream.MoveNext();
        await later.ResponseStream.MoveNext();

        Assert.Equal([5UL, 4UL, 3UL], first.ModelVersions.Select(version => version.Version));
        Assert.Equal([2UL, 1UL], second.ModelVersions.Select(version => version.Version));
        Assert.Equal("", second.NextPageToken);
        Assert.Equal((500UL, ModelVersionState.Active, "step-00000500"), (found.TrainerStep, found.State, found.Checkpoint));
        Assert.Equal(64, found.Digest.Length);
        Assert.Equal(StatusCode.NotFound, unknown.StatusCode);
        Assert.Equal(watch.ResponseStream.Current.Sequence, later.ResponseStream.Current.Sequence);
    }

    private static async Task<(string Text, ulong Version)> AskAsync(ServerFixture server)
    {
        var answer = await server.Inference.GenerateAsync(new GenerateRequest { Spec = ServerFixture.Greedy(maxTokens: 30) });
        return (answer.Text, answer.WeightVersion);
    }

    private static async Task<ModelVersion> ChangeAsync(ServerFixture server, Func<ModelVersion, bool> wanted)
    {
        using var watch = server.Model.WatchModelVersions(new WatchModelVersionsRequest(), deadline: DateTime.UtcNow.AddSeconds(30));
        return await watch.ResponseStream.ReadAllAsync().Select(change => change.ModelVersion).FirstAsync(wanted);
    }
}
