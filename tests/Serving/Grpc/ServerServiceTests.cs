using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Health.V1;
using Orca.Protocol.Admin.V1;
using Orca.Protocol.Inference.V1;

namespace Orca.Serving.Tests.Grpc;

public class ServerServiceTests
{
    [Fact]
    public async Task Information_and_load_tell_what_runs()
    {
        await using var server = await ServerFixture.StartAsync("abc", endless: true, context: 4096);
        var admin = new ServerService.ServerServiceClient(server.Channel);
        using var running = server.Stream(ServerFixture.Greedy());
        await running.ResponseStream.MoveNext();

        await Patience.UntilAsync(() => server.Student.Engine.Load.Running == 1);
        var info = await admin.GetServerInfoAsync(new GetServerInfoRequest());
        var load = (await admin.GetLoadAsync(new GetLoadRequest())).Load;

        Assert.Equal(("cpu", "fp32", false), (info.Device, info.WeightFormat, info.RequiresKey));
        Assert.NotEmpty(info.ServerVersion);
        Assert.Equal((1U, 0U, 1UL), (load.Running, load.Waiting, load.ActiveVersion));
        Assert.True(load.KvBlocksTotal > 0 && load.KvBlocksFree < load.KvBlocksTotal);
    }

    [Fact]
    public async Task A_watch_over_the_load_streams_and_its_interval_has_bounds()
    {
        await using var server = await ServerFixture.StartAsync("abc");
        var admin = new ServerService.ServerServiceClient(server.Channel);
        using var watch = admin.WatchLoad(new WatchLoadRequest { Interval = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(100)) });
        Assert.Equal(3, (await watch.ResponseStream.ReadAllAsync().Take(3).ToListAsync()).Count);

        using var hasty = admin.WatchLoad(new WatchLoadRequest { Interval = new Duration() });
        var refused = await Assert.ThrowsAsync<RpcException>(() => hasty.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
    }

    [Fact]
    public async Task Requests_are_listed_by_page_with_their_tenant_and_phase()
    {
        await using var server = await ServerFixture.StartAsync("abc", endless: true, context: 4096);
        var admin = new ServerService.ServerServiceClient(server.Channel);
        var spec = ServerFixture.Greedy();
        (spec.RequestId, spec.Scheduling) = ("one", new SchedulingOptions { Tenant = "team" });
        using var one = server.Stream(spec);
        await one.ResponseStream.MoveNext();
        spec.RequestId = "two";
        using var two = server.Stream(spec);
        await two.ResponseStream.MoveNext();

        var first = await admin.ListRequestsAsync(new ListRequestsRequest { PageSize = 1 });
        var second = await admin.ListRequestsAsync(new ListRequestsRequest { PageSize = 1, PageToken = first.NextPageToken });

        Assert.Equal(["one", "two"], first.Requests.Concat(second.Requests).Select(request => request.RequestId));
        Assert.All(first.Requests, request => Assert.Equal(("team", 1UL), (request.Tenant, request.WeightVersion)));
        Assert.Empty(second.NextPageToken);
    }

    [Fact]
    public async Task A_pause_holds_answers_until_it_ends()
    {
        await using var server = await ServerFixture.StartAsync("abc");
        var admin = new ServerService.ServerServiceClient(server.Channel);
        await admin.PauseGenerationAsync(new PauseGenerationRequest());
        var answer = server.Inference.GenerateAsync(new GenerateRequest { Spec = ServerFixture.Greedy() }).ResponseAsync;
        await Patience.UntilAsync(() => server.Student.Engine.Requests().Count == 1);

        Assert.True((await admin.GetLoadAsync(new GetLoadRequest())).Load.Paused);
        Assert.False(answer.IsCompleted);
        await admin.ResumeGenerationAsync(new ResumeGenerationRequest());
        Assert.Equal("abc", (await answer).Text);
    }

    [Fact]
    public async Task A_draining_server_says_so_refuses_new_requests_and_finishes_those_it_has()
    {
        await using var server = await ServerFixture.StartAsync("abc", endless: true, context: 4096);
        var admin = new ServerService.ServerServiceClient(server.Channel);
        var health = new Health.HealthClient(server.Channel);
        using var running = server.Stream(ServerFixture.Greedy(maxTokens: 500));
        await running.ResponseStream.MoveNext();
        await admin.PauseGenerationAsync(new PauseGenerationRequest());

        var drain = admin.DrainServerAsync(new DrainServerRequest()).ResponseAsync;
        await Patience.UntilAsync(() => server.Student.Engine.IsDraining);
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await server.Inference.GenerateAsync(new GenerateRequest { Spec = ServerFixture.Greedy() }));

        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.NotNull(refused.GetRpcStatus()!.GetDetail<Google.Rpc.RetryInfo>());
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, (await health.CheckAsync(new HealthCheckRequest())).Status);
        Assert.False(drain.IsCompleted);
        await admin.ResumeGenerationAsync(new ResumeGenerationRequest());
        await drain;
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, (await health.CheckAsync(new HealthCheckRequest())).Status);
        Assert.Equal(500U, (await running.ResponseStream.ReadAllAsync().ToListAsync())[^1].Finished.Usage.CompletionTokens);
    }

    [Fact]
    public async Task Cached_prompts_are_forgotten_on_demand()
    {
        await using var server = await ServerFixture.StartAsync("abc");
        var admin = new ServerService.ServerServiceClient(server.Channel);
        await server.Inference.GenerateAsync(new GenerateRequest { Spec = ServerFixture.Greedy(new string('a', 100)) });

        await admin.ResetPrefixCacheAsync(new ResetPrefixCacheRequest());

        Assert.Equal(0UL, (await admin.GetLoadAsync(new GetLoadRequest())).Load.KvBlocksCached);
    }
}
