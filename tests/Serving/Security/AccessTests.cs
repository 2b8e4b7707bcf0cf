using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Google.Rpc;
using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.Extensions.Logging;
using Orca.Protocol.Admin.V1;
using Orca.Protocol.Curriculum.V1;
using Orca.Protocol.Inference.V1;
using Orca.Protocol.Model.V1;
using Orca.Serving.Hosting;
using Orca.Serving.Security;
using Orca.Serving.Tests.Grpc;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Security;

public class AccessTests
{
    [Fact]
    public async Task Without_a_key_and_with_a_wrong_one_callers_are_unauthenticated()
    {
        using var keys = new Keys();
        await using var server = await ServerFixture.StartAsync("ab", keys.Options);

        foreach (var headers in new Metadata[] { [], new() { { "authorization", "Bearer orca-0" } }, new() { { "x-api-key", "" } }, new() { { "authorization", "Basic " + keys.Read } } })
        {
            var failure = await Assert.ThrowsAsync<RpcException>(async () => await server.Inference.GenerateAsync(Ask(), headers));
            Assert.Equal(StatusCode.Unauthenticated, failure.StatusCode);
            Assert.Equal("UNAUTHENTICATED", failure.GetRpcStatus()!.GetDetail<ErrorInfo>()!.Reason);
        }

        using var http = new HttpClient { BaseAddress = server.HttpEndpoint };
        using var refused = await http.GetAsync("/v1/models");
        Assert.Equal((HttpStatusCode.Unauthorized, "Bearer"), (refused.StatusCode, refused.Headers.WwwAuthenticate.ToString()));
        Assert.Contains("invalid_api_key", await refused.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_read_key_asks_and_a_control_key_steers_too()
    {
        using var keys = new Keys();
        await using var server = await ServerFixture.StartAsync("ab", keys.Options);

        Assert.Equal("ab", (await server.Inference.GenerateAsync(Ask(), Bearer(keys.Read))).Text);
        Assert.Equal("ab", (await server.Inference.GenerateAsync(Ask(), new Metadata { { "x-api-key", keys.Control } })).Text);
        using var denied = server.Curriculum.Tune(Bearer(keys.Read));
        var refusal = await Assert.ThrowsAsync<RpcException>(() => denied.ResponseStream.MoveNext());
        using var allowed = server.Curriculum.Tune(Bearer(keys.Control));
        var reached = await Assert.ThrowsAsync<RpcException>(() => allowed.ResponseStream.MoveNext());

        Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);
        Assert.Equal(StatusCode.FailedPrecondition, reached.StatusCode);
    }

    [Fact]
    public async Task A_read_key_watches_what_is_taught_and_only_a_control_key_changes_it()
    {
        using var keys = new Keys();
        await using var server = await ServerFixture.StartAsync("ab", keys.Options);
        async Task<StatusCode> StatusAsync(string key)
        {
            using var watch = server.Curriculum.Watch(new WatchRequest(), Bearer(key));
            return (await Assert.ThrowsAsync<RpcException>(() => watch.ResponseStream.MoveNext())).StatusCode;
        }

        async Task<StatusCode> AppliedAsync(string key) => (await Assert.ThrowsAsync<RpcException>(async () =>
            await server.Curriculum.ApplyAsync(new ApplyRequest { CommandId = "p", Pause = new Pause() }, Bearer(key)))).StatusCode;

        // There is no curriculum here: whoever may call is told so.
        Assert.Equal(StatusCode.FailedPrecondition, await StatusAsync(keys.Read));
        Assert.Equal(StatusCode.Unauthenticated, await StatusAsync("orca-0"));
        Assert.Equal(StatusCode.PermissionDenied, await AppliedAsync(keys.Read));
        Assert.Equal(StatusCode.FailedPrecondition, await AppliedAsync(keys.Control));
    }

    [Fact]
    public async Task Http_takes_the_same_keys_in_either_header()
    {
        using var keys = new Keys();
        await using var server = await ServerFixture.StartAsync("ab", keys.Options);
        using var http = new HttpClient { BaseAddress = server.HttpEndpoint };

        foreach (var (name, value) in new[] { ("authorization", "Bearer " + keys.Read), ("x-api-key", keys.Read) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions")
            {
                Content = new StringContent(
                "{\"prompt\":\"a\"}", Encoding.UTF8, "application/json")
            };
            request.Headers.Add(name, value);
            using var response = await http.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task Health_is_open_to_probes()
    {
        using var keys = new Keys();
        await using var server = await ServerFixture.StartAsync("ab", keys.Options);
        var status = await new Health.HealthClient(server.Channel).CheckAsync(new HealthCheckRequest());
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, status.Status);
    }

    [Fact]
    public async Task A_keys_name_is_its_tenant_and_the_key_is_never_logged()
    {
        using var keys = new Keys();
        using var log = new CapturedLog();
        using var loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
        await using (var server = await ServerFixture.StartAsync("ab", keys.Options, loggers: loggers))
        {
            await server.Inference.GenerateAsync(Ask(), Bearer(keys.Read));
            await Assert.ThrowsAsync<RpcException>(async () => await server.Inference.GenerateAsync(Ask(), Bearer(keys.Read + "x")));
            using var http = new HttpClient { BaseAddress = server.HttpEndpoint };
            http.DefaultRequestHeaders.Add("x-api-key", keys.Control);
            await http.GetStringAsync("/v1/models");
        }

        Assert.True(log.Lines.Count > 20, "Kestrel and routing log at this level");
        Assert.All(log.Lines, line => Assert.DoesNotContain(keys.Read["orca-".Length..], line));
        Assert.All(log.Lines, line => Assert.DoesNotContain(keys.Control["orca-".Length..], line));
    }

    [Fact]
    public void Everything_that_changes_something_needs_the_control_scope()
    {
        var services = new[] { InferenceService.Descriptor, ModelService.Descriptor, ServerService.Descriptor, CurriculumService.Descriptor };
        var control = services.SelectMany(service => service.Methods)
            .Where(method => ScopeRules.ScopeOf($"/{method.Service.FullName}/{method.Name}") == AccessScope.Control)
            .Select(method => method.Name);

        Assert.Equal(
            [
                "LoadModelVersion", "ActivateModelVersion", "RollbackModel", "SetVersionTraffic", "UnloadModelVersion",
                "ListRequests", "PauseGeneration", "ResumeGeneration", "DrainServer", "ResetPrefixCache", "Tune", "Apply",
            ],
            control);
    }

    private static GenerateRequest Ask() => new() { Spec = ServerFixture.Greedy() };

    private static Metadata Bearer(string key) => new() { { "authorization", "Bearer " + key } };

    private sealed class Keys : IDisposable
    {
        private readonly TemporaryFolder folder = new();

        public Keys()
        {
            var path = Path.Combine(folder.Path, "keys.txt");
            KeyFile.Add(path, AccessKey.Create("reader", AccessScope.Read, out var read));
            KeyFile.Add(path, AccessKey.Create("steerer", AccessScope.Control, out var control));
            (Read, Control, Options) = (read, control, new ServingOptions { KeyFile = path });
        }

        public string Read { get; }

        public string Control { get; }

        public ServingOptions Options { get; }

        public void Dispose() => folder.Dispose();
    }

    private sealed class CapturedLog : ILoggerProvider
    {
        public ConcurrentBag<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => new Writer(Lines);

        public void Dispose()
        {
        }

        private sealed class Writer(ConcurrentBag<string> lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull
            {
                lines.Add(state.ToString()!);
                return null;
            }

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(
                LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                lines.Add(formatter(state, exception) + exception);
        }
    }
}
