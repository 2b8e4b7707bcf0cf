using System.Net;
using System.Text;
using Grpc.Core;
using Grpc.Health.V1;
using Orca.Protocol.Inference.V1;
using Orca.Serving.Checkpoints;
using Orca.Serving.Tests.Grpc;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Hosting;

/// <summary>Health follows whether steps succeed.</summary>
public sealed class StepCheckTests
{
    private readonly TracingModel model = new(1, 8);
    private volatile bool isBroken;
    private int failures;

    [Fact]
    public async Task Steps_that_keep_failing_turn_health_to_not_serving_and_back_when_they_succeed_again()
    {
        await using var server = await StartAsync();
        using var http = new HttpClient { BaseAddress = server.HttpEndpoint };
        Assert.Equal(
            (HealthCheckResponse.Types.ServingStatus.Serving, HttpStatusCode.OK), (await StatusAsync(server), await HttpStatusAsync(http)));

        isBroken = true;
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await AskAsync(server));
        Assert.Equal(
            (StatusCode.Internal, "A step of the engine failed; the request may be tried again."),
            (failure.StatusCode, failure.Status.Detail));
        using var answer = await http.PostAsync(
            "/v1/completions", new StringContent("{\"prompt\":[1]}", Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Contains("A step of the engine failed", await answer.Content.ReadAsStringAsync());
        await Patience.UntilAsync(async () => await StatusAsync(server) == HealthCheckResponse.Types.ServingStatus.NotServing);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, await StatusAsync(server, "orca.model.v1.ModelService/1"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await HttpStatusAsync(http));

        isBroken = false;
        await Patience.UntilAsync(async () => await StatusAsync(server) == HealthCheckResponse.Types.ServingStatus.Serving);
        Assert.Equal(
            (HealthCheckResponse.Types.ServingStatus.Serving, HttpStatusCode.OK),
            (await StatusAsync(server, "orca.model.v1.ModelService/1"), await HttpStatusAsync(http)));
        await AskAsync(server);
    }

    // Whoever knows how to fail a step must not be able to turn the others away.
    [Fact]
    public async Task One_step_that_fails_turns_nobody_away()
    {
        await using var server = await StartAsync();
        using var watch = new Health.HealthClient(server.Channel).Watch(new HealthCheckRequest());
        Assert.True(await watch.ResponseStream.MoveNext());
        for (var i = 0; i < 5; i++)
        {
            Interlocked.Exchange(ref failures, 1);
            await Assert.ThrowsAsync<RpcException>(async () => await AskAsync(server));
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAnyAsync<Exception>(() => watch.ResponseStream.MoveNext(patience.Token));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, await StatusAsync(server));
    }

    private async Task<ServerFixture> StartAsync()
    {
        var server = await ServerFixture.StartEmptyAsync();
        model.Running = (_, tokens) =>
        {
            // One that fails by its prompt: the check asks with a single token.
            if (isBroken || (tokens > 1 && Interlocked.Exchange(ref failures, 0) > 0))
            {
                throw new InvalidOperationException("the device is gone");
            }
        };
        var number = server.Student.Versions.Begin("made by hand");
        await server.Student.Engine.InstallAsync(new StudentVersion(
            number, ToyStudent.LanguageOf(Bytes.VocabularySize), model, files: null));
        await server.Student.Engine.ActivateAsync(number);
        await Patience.UntilAsync(async () => await StatusAsync(server) == HealthCheckResponse.Types.ServingStatus.Serving);
        return server;
    }

    private static async Task AskAsync(ServerFixture server) =>
        await server.Inference.GenerateAsync(new GenerateRequest { Spec = ServerFixture.Greedy("several tokens", maxTokens: 2) });

    private static async Task<HealthCheckResponse.Types.ServingStatus> StatusAsync(ServerFixture server, string service = "") =>
        (await new Health.HealthClient(server.Channel).CheckAsync(new HealthCheckRequest { Service = service })).Status;

    private static async Task<HttpStatusCode> HttpStatusAsync(HttpClient http)
    {
        using var response = await http.GetAsync("/health");
        return response.StatusCode;
    }
}
