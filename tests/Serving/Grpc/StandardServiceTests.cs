using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;
using Orca.Protocol.Inference.V1;

namespace Orca.Serving.Tests.Grpc;

public class StandardServiceTests
{
    [Theory]
    [InlineData("")]
    [InlineData("orca.inference.v1.InferenceService")]
    [InlineData("orca.model.v1.ModelService")]
    public async Task Health_turns_to_serving_with_the_first_version_and_a_watch_sees_it(string service)
    {
        await using var server = await ServerFixture.StartEmptyAsync();
        var health = new Health.HealthClient(server.Channel);
        using var watch = health.Watch(new HealthCheckRequest { Service = service });
        await watch.ResponseStream.MoveNext();
        var before = watch.ResponseStream.Current.Status;

        server.Checkpoints.PublishSpeller(1, "ab");
        await watch.ResponseStream.MoveNext();

        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, before);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, watch.ResponseStream.Current.Status);
        Assert.Equal(
            HealthCheckResponse.Types.ServingStatus.Serving,
            (await health.CheckAsync(new HealthCheckRequest { Service = service })).Status);
    }

    [Fact]
    public async Task Health_of_an_unknown_service_is_not_found()
    {
        await using var server = await ServerFixture.StartEmptyAsync();
        var failure = await Assert.ThrowsAsync<RpcException>(
            async () => await new Health.HealthClient(server.Channel).CheckAsync(new HealthCheckRequest { Service = "other" }));
        Assert.Equal(StatusCode.NotFound, failure.StatusCode);
    }

    [Fact]
    public async Task Reflection_lists_every_service()
    {
        await using var server = await ServerFixture.StartEmptyAsync();
        using var call = new ServerReflection.ServerReflectionClient(server.Channel).ServerReflectionInfo();
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        await call.ResponseStream.MoveNext();
        await call.RequestStream.CompleteAsync();

        var names = call.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name);
        Assert.Superset(
            new HashSet<string>
            {
                "grpc.health.v1.Health",
                "orca.curriculum.v1.CurriculumService",
                "orca.inference.v1.InferenceService",
                "orca.model.v1.ModelService",
            },
            names.ToHashSet());
    }

    [Fact]
    public async Task A_stopping_server_ends_endless_calls_at_once()
    {
        await using var server = await ServerFixture.StartAsync("abc");
        using var health = new Health.HealthClient(server.Channel).Watch(new HealthCheckRequest());
        await health.ResponseStream.MoveNext();
        using var versions = server.Model.WatchModelVersions(new());
        await versions.ResponseStream.MoveNext();
        using var answer = server.Stream(ServerFixture.Greedy());
        Assert.NotEmpty(await answer.ResponseStream.ReadAllAsync().ToListAsync());

        var clock = System.Diagnostics.Stopwatch.StartNew();
        await server.StopAsync();

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), "the host's own patience of 30 s is not what ends it");
        await Assert.ThrowsAsync<RpcException>(async () => await health.ResponseStream.ReadAllAsync().ToListAsync());
        await Assert.ThrowsAsync<RpcException>(async () => await versions.ResponseStream.ReadAllAsync().ToListAsync());
    }
}
