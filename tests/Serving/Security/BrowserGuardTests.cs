using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Protocol.Inference.V1;
using Orca.Serving.Engine;
using Orca.Serving.Hosting;
using Orca.Serving.Security;
using Orca.Serving.Tests.Grpc;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Security;

/// <summary>What pages in a browser can do with a server on its machine, and everybody else still can.</summary>
public class BrowserGuardTests
{
    private const string Question = """{"prompt":"a"}""";

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:5480")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("10.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("[2001:db8::1]")]
    public async Task A_host_that_is_not_this_machine_is_refused(string host)
    {
        await using var server = await ServerFixture.StartAsync("ab", new ServingOptions());
        foreach (var (method, path) in new[] { ("GET", "/v1/models"), ("POST", "/v1/completions"), ("GET", "/metrics"), ("GET", "/nothing") })
        {
            var (status, _, body) = await AskAsync(server, method, path, ("host", host), ("origin", $"http://{host}"));
            Assert.Equal(HttpStatusCode.Forbidden, status);
            var error = JsonNode.Parse(body)!["error"]!;
            Assert.Equal("permission_error", (string)error["type"]!);
            Assert.Contains("serving.allowedHosts", (string)error["message"]!);
        }
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:1")]
    [InlineData("localhost.")]
    [InlineData("orca.localhost")]
    [InlineData("127.0.0.1:5480")]
    [InlineData("127.1.2.3")]
    [InlineData("[::1]:5480")]
    [InlineData("(this machine)")]
    [InlineData("orca.example")]
    [InlineData("a.lan:80")]
    public async Task Names_of_this_machine_and_those_that_are_allowed_are_served(string host)
    {
        host = host.Replace("(this machine)", Environment.MachineName, StringComparison.Ordinal);
        await using var server = await ServerFixture.StartAsync("ab", new ServingOptions { AllowedHosts = ["orca.example", "*.lan"] });
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(server, "POST", "/v1/completions", ("host", host))).Status);
    }

    [Fact]
    public async Task Where_callers_show_keys_the_host_does_not_matter()
    {
        using var folder = new TemporaryFolder();
        var keys = Path.Combine(folder.Path, "keys.txt");
        KeyFile.Add(keys, AccessKey.Create("a", AccessScope.Read, out var key));
        await using var server = await ServerFixture.StartAsync("ab", new ServingOptions { KeyFile = keys });
        Assert.Equal(
            HttpStatusCode.OK, (await AskAsync(server, "POST", "/v1/completions", ("host", "orca.example"), ("x-api-key", key))).Status);
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (await AskAsync(server, "POST", "/v1/completions", ("origin", "http://evil.example"), ("x-api-key", key))).Status);
    }

    // Browsers send simple requests without asking first: only the answer would be kept from the page.
    [Theory]
    [InlineData("http://evil.example", "application/json")]
    [InlineData("http://evil.example", "text/plain")]
    [InlineData("http://localhost:3000", "application/json")]
    [InlineData("https://localhost", "application/json")]
    [InlineData("null", "text/plain")]
    [InlineData("http://app.example.evil.example", "application/json")]
    [InlineData("http://app.example:8080", "application/json")]
    public async Task A_page_of_another_origin_is_refused(string origin, string type)
    {
        await using var server = await ServerFixture.StartAsync("ab", new ServingOptions { CorsOrigins = ["http://app.example"] });
        var computed = server.Student.Engine.Load.PromptTokens;
        var (status, headers, body) = await AskAsync(server, "POST", "/v1/completions", ("origin", origin), ("content-type", type));
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("serving.corsOrigins", (string)JsonNode.Parse(body)!["error"]!["message"]!);
        Assert.DoesNotContain("access-control-allow-origin", headers.Keys);
        Assert.Equal(computed, server.Student.Engine.Load.PromptTokens);

        var preflight = await PreflightAsync(server, origin);
        Assert.Equal(HttpStatusCode.Forbidden, preflight.Status);
        Assert.DoesNotContain("access-control-allow-origin", preflight.Headers.Keys);
    }

    [Fact]
    public async Task A_page_of_an_allowed_origin_asks_as_it_likes()
    {
        await using var server = await ServerFixture.StartAsync(
            "ab", new ServingOptions { CorsOrigins = ["https://app.example", "http://localhost:3000"] });
        var preflight = await PreflightAsync(server, "https://app.example");
        Assert.Equal(HttpStatusCode.NoContent, preflight.Status);
        Assert.Equal("https://app.example", preflight.Headers["access-control-allow-origin"]);
        Assert.Contains("POST", preflight.Headers["access-control-allow-methods"]);
        Assert.Equal(
            "authorization,content-type,x-stainless-lang,x-stainless-retry-count", preflight.Headers["access-control-allow-headers"]);
        Assert.Equal("3600", preflight.Headers["access-control-max-age"]);

        var answer = await AskAsync(
            server, "POST", "/v1/completions", ("origin", "https://app.example"), ("content-type", "application/json"));
        Assert.Equal((HttpStatusCode.OK, "https://app.example"), (answer.Status, answer.Headers["access-control-allow-origin"]));
        Assert.Contains("orca-request-id", answer.Headers["access-control-expose-headers"]);
        Assert.Equal("Origin", answer.Headers["vary"]);

        var fault = await AskAsync(server, "POST", "/v1/completions", ("origin", "http://localhost:3000"), ("content-type", "text/plain"));
        Assert.Equal(
            (HttpStatusCode.UnsupportedMediaType, "http://localhost:3000"), (fault.Status, fault.Headers["access-control-allow-origin"]));
    }

    [Fact]
    public async Task A_star_lets_every_page_ask_but_no_false_host()
    {
        await using var server = await ServerFixture.StartAsync("ab", new ServingOptions { CorsOrigins = ["*"] });
        var preflight = await PreflightAsync(server, "null");
        Assert.Equal((HttpStatusCode.NoContent, "*"), (preflight.Status, preflight.Headers["access-control-allow-origin"]));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(server, "POST", "/v1/completions", ("origin", "https://any.example"))).Status);
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (await AskAsync(server, "POST", "/v1/completions", ("host", "evil.example"), ("origin", "http://evil.example"))).Status);
    }

    [Fact]
    public async Task An_allowed_page_is_asked_for_its_key_and_reads_the_refusal()
    {
        using var folder = new TemporaryFolder();
        var keys = Path.Combine(folder.Path, "keys.txt");
        KeyFile.Add(keys, AccessKey.Create("a", AccessScope.Read, out var key));
        await using var server = await ServerFixture.StartAsync(
            "ab", new ServingOptions { KeyFile = keys, CorsOrigins = ["https://app.example"] });
        Assert.Equal(HttpStatusCode.NoContent, (await PreflightAsync(server, "https://app.example")).Status);
        var refused = await AskAsync(server, "POST", "/v1/completions", ("origin", "https://app.example"));
        Assert.Equal(
            (HttpStatusCode.Unauthorized, "https://app.example"), (refused.Status, refused.Headers["access-control-allow-origin"]));
        Assert.Equal(
            HttpStatusCode.OK,
            (await AskAsync(server, "POST", "/v1/completions", ("origin", "https://app.example"), ("x-api-key", key))).Status);
    }

    [Fact]
    public async Task Callers_that_are_no_browsers_and_pages_of_its_own_are_served_as_ever()
    {
        await using var server = await ServerFixture.StartAsync("ab", new ServingOptions());
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(server, "GET", "/v1/models")).Status);
        Assert.Equal(
            HttpStatusCode.OK,
            (await AskAsync(server, "POST", "/v1/completions", ("origin", server.HttpEndpoint.GetLeftPart(UriPartial.Authority)))).Status);
        Assert.Equal("ab", (await server.Inference.GenerateAsync(new GenerateRequest { Spec = ServerFixture.Greedy() })).Text);
    }

    [Theory]
    [InlineData("app.example")]
    [InlineData("https://app.example/")]
    [InlineData("https://app.example/path")]
    [InlineData("https://app.example:443")]
    [InlineData("https://user@app.example")]
    [InlineData("https://*.example")]
    [InlineData("")]
    public async Task An_origin_that_no_browser_sends_is_refused_at_the_start(string origin)
    {
        var fault = await StartFaultAsync(new ServingOptions { Port = 0, HttpPort = 0, CorsOrigins = [origin] });
        Assert.Contains($"serving.corsOrigins has '{origin}'", fault);
    }

    [Theory]
    [InlineData("http://orca.example")]
    [InlineData("orca.example:80")]
    [InlineData("*")]
    [InlineData("")]
    public async Task A_host_that_is_none_is_refused_at_the_start(string host)
    {
        var fault = await StartFaultAsync(new ServingOptions { Port = 0, HttpPort = 0, AllowedHosts = [host] });
        Assert.Contains($"serving.allowedHosts has '{host}'", fault);
    }

    private static async Task<string> StartFaultAsync(ServingOptions options)
    {
        using var folder = new TemporaryFolder();
        await using var student = StudentServer.Follow(folder.Path, new EngineOptions(), NullLoggerFactory.Instance);
        return (await Assert.ThrowsAsync<ServingException>(() => ServingHost.StartAsync(student, options, NullLoggerFactory.Instance))).Message;
    }

    private static Task<(HttpStatusCode Status, Dictionary<string, string> Headers, string Body)> PreflightAsync(
        ServerFixture server, string origin) => AskAsync(
        server, "OPTIONS", "/v1/chat/completions", ("origin", origin), ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization,content-type,x-stainless-lang,x-stainless-retry-count"));

    private static async Task<(HttpStatusCode Status, Dictionary<string, string> Headers, string Body)> AskAsync(
        ServerFixture server, string method, string path, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient { BaseAddress = server.HttpEndpoint };
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST")
        {
            var type = headers.FirstOrDefault(header => header.Name == "content-type").Value ?? "application/json";
            request.Content = new StringContent(Question, Encoding.UTF8, type);
        }

        foreach (var (name, value) in headers.Where(header => header.Name != "content-type"))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var all = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key.ToLowerInvariant(), header => string.Join(", ", header.Value));
        return (response.StatusCode, all, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
