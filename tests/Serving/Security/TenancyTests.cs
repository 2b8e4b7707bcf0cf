using System.Net;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Orca.Protocol.Admin.V1;
using Orca.Protocol.Inference.V1;
using Orca.Serving.Hosting;
using Orca.Serving.Security;
using Orca.Serving.Tests.Grpc;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Security;

/// <summary>What one key's callers send, name and leave behind is nothing to another's.</summary>
public sealed class TenancyTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Metadata alice;
    private readonly Metadata bob;
    private readonly Metadata urgent;
    private readonly Metadata operators;
    private readonly string alicesKey;
    private readonly string bobsKey;

    public TenancyTests()
    {
        (alice, alicesKey) = Add("alice", AccessScope.Read);
        (bob, bobsKey) = Add("bob", AccessScope.Read);
        (urgent, _) = Add("urgent", AccessScope.Priority);
        (operators, _) = Add("operator", AccessScope.Control);
    }

    private string KeyPath => Path.Combine(folder.Path, "keys.txt");

    [Fact]
    public async Task Two_keys_have_requests_of_one_name_and_each_ends_its_own_alone()
    {
        await using var server = await StartAsync("abc");
        await PauseAsync(server);
        var (hers, his) = (GenerateAsync(server, alice, "same"), GenerateAsync(server, bob, "same"));
        await Patience.UntilAsync(() => server.Student.Engine.Requests().Count == 2);
        Assert.Equal(
            StatusCode.AlreadyExists, (await Assert.ThrowsAsync<RpcException>(() => GenerateAsync(server, bob, "same"))).StatusCode);

        await server.Inference.CancelRequestAsync(new CancelRequestRequest { RequestId = "same" }, bob);
        Assert.Equal(FinishReason.Cancelled, (await his).Finished.Reason);
        Assert.Equal(StatusCode.NotFound, await StatusOfCancelAsync(server, bob, new CancelRequestRequest { RequestId = "same" }));
        Assert.Equal(StatusCode.NotFound, await StatusOfCancelAsync(server, operators, new CancelRequestRequest { RequestId = "same" }));
        Assert.Equal(
            StatusCode.PermissionDenied,
            await StatusOfCancelAsync(server, bob, new CancelRequestRequest { RequestId = "same", Caller = "alice" }));
        Assert.Equal("alice", Assert.Single((await new ServerService.ServerServiceClient(server.Channel).ListRequestsAsync(
            new ListRequestsRequest(), operators)).Requests).Caller);
        Assert.False(hers.IsCompleted);

        await server.Inference.CancelRequestAsync(new CancelRequestRequest { RequestId = "same", Caller = "alice" }, operators);
        Assert.Equal(FinishReason.Cancelled, (await hers).Finished.Reason);
    }

    [Fact]
    public async Task What_one_key_asked_is_found_in_the_cache_by_its_own_requests_alone()
    {
        await using var server = await StartAsync("abc");
        var prompt = new string('q', 200);
        Assert.Equal(0u, await CachedAsync(alice));
        Assert.Equal(0u, await CachedAsync(bob));
        var found = await CachedAsync(alice);
        Assert.True(found > 100);
        Assert.Equal(found, await CachedAsync(alice, tenant: "another of hers"));
        Assert.Equal(0u, await CachedAsync(alice, salt: "hers"));
        Assert.Equal(0u, await CachedAsync(bob, salt: "hers"));

        async Task<uint> CachedAsync(Metadata key, string tenant = "", string salt = "")
        {
            var spec = ServerFixture.Greedy(prompt, maxTokens: 1);
            (spec.Scheduling, spec.CacheSalt) = (new SchedulingOptions { Tenant = tenant }, salt);
            return (await server.Inference.GenerateAsync(new GenerateRequest { Spec = spec }, key)).Finished.Usage.CachedPromptTokens;
        }
    }

    [Fact]
    public async Task Over_HTTP_too_what_was_cached_is_told_to_its_own_key_alone()
    {
        await using var server = await StartAsync("abc");
        var body = JsonSerializer.Serialize(new { prompt = new string('q', 200), max_tokens = 1, user = "alice" });
        Assert.Equal(0, await CachedAsync(alicesKey));
        Assert.Equal(0, await CachedAsync(bobsKey));
        Assert.True(await CachedAsync(alicesKey) > 100);

        async Task<int> CachedAsync(string key)
        {
            using var http = new HttpClient { BaseAddress = server.HttpEndpoint };
            http.DefaultRequestHeaders.Add("x-api-key", key);
            using var response = await http.PostAsync("/v1/completions", new StringContent(body, Encoding.UTF8, "application/json"));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            var usage = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("usage");
            return usage.TryGetProperty("prompt_tokens_details", out var details) ? details.GetProperty("cached_tokens").GetInt32() : 0;
        }
    }

    [Fact]
    public async Task High_priority_needs_its_scope()
    {
        await using var server = await StartAsync("abc");
        var spec = ServerFixture.Greedy();
        spec.Scheduling = new SchedulingOptions { Priority = Priority.High };
        var refusal = await Assert.ThrowsAsync<RpcException>(async () => await server.Inference.GenerateAsync(
            new GenerateRequest { Spec = spec }, alice));
        Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);
        Assert.Contains("scope priority", refusal.Status.Detail);
        Assert.Equal("abc", (await server.Inference.GenerateAsync(new GenerateRequest { Spec = spec }, urgent)).Text);
        Assert.Equal("abc", (await server.Inference.GenerateAsync(new GenerateRequest { Spec = spec }, operators)).Text);
        var admin = new ServerService.ServerServiceClient(server.Channel);
        var denied = await Assert.ThrowsAsync<RpcException>(async () => await admin.PauseGenerationAsync(
            new PauseGenerationRequest(), urgent));
        Assert.Equal(StatusCode.PermissionDenied, denied.StatusCode);
    }

    [Fact]
    public async Task A_flood_under_made_up_names_neither_shuts_another_key_out_nor_goes_before_it()
    {
        await using var server = await StartAsync(
            "abc", new Orca.Serving.Engine.EngineOptions { MaxQueuedRequests = 8, MaxConcurrentRequests = 1 });
        await PauseAsync(server);
        var flood = Enumerable.Range(0, 8)
            .Select(i => GenerateAsync(server, alice, $"r{i}", tenant: i == 0 ? "bob" : $"tenant {i}")).ToList();
        await Patience.UntilAsync(() => server.Student.Engine.Requests().Count == 8);
        Assert.Equal(
            StatusCode.ResourceExhausted,
            (await Assert.ThrowsAsync<RpcException>(() => GenerateAsync(server, alice, "one more"))).StatusCode);
        var his = GenerateAsync(server, bob, "r0");
        var displaced = await Task.WhenAny(flood);
        Assert.Equal(StatusCode.ResourceExhausted, (await Assert.ThrowsAsync<RpcException>(() => displaced)).StatusCode);

        await new ServerService.ServerServiceClient(server.Channel).ResumeGenerationAsync(new ResumeGenerationRequest(), operators);
        var waited = (await his).Finished.Timings.Queue.ToTimeSpan();
        var others = await Task.WhenAll(flood.Where(one => one != displaced));
        Assert.True(others.Count(other => other.Finished.Timings.Queue.ToTimeSpan() > waited) >= 6);
    }

    public void Dispose() => folder.Dispose();

    private static async Task<GenerateResponse> GenerateAsync(ServerFixture server, Metadata key, string id, string tenant = "")
    {
        var spec = ServerFixture.Greedy();
        (spec.RequestId, spec.Scheduling, spec.Output) = (id, new SchedulingOptions { Tenant = tenant }, new OutputOptions { Timings = true });
        return await server.Inference.GenerateAsync(new GenerateRequest { Spec = spec }, key);
    }

    private static async Task<StatusCode> StatusOfCancelAsync(ServerFixture server, Metadata key, CancelRequestRequest request) =>
        (await Assert.ThrowsAsync<RpcException>(async () => await server.Inference.CancelRequestAsync(request, key))).StatusCode;

    private async Task PauseAsync(ServerFixture server) =>
        await new ServerService.ServerServiceClient(server.Channel).PauseGenerationAsync(new PauseGenerationRequest(), operators);

    private Task<ServerFixture> StartAsync(string text, Orca.Serving.Engine.EngineOptions? options = null) =>
        ServerFixture.StartAsync(text, new ServingOptions { KeyFile = KeyPath }, options: options);

    private (Metadata Headers, string Key) Add(string name, AccessScope scope)
    {
        KeyFile.Add(KeyPath, AccessKey.Create(name, scope, out var key));
        return (new Metadata { { "authorization", "Bearer " + key } }, key);
    }
}
