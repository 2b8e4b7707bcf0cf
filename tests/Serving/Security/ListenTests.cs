using System.Net;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Protocol.Inference.V1;
using Orca.Serving.Engine;
using Orca.Serving.Hosting;
using Orca.Serving.Security;
using Orca.Serving.Tests.Grpc;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Security;

public class ListenTests
{
    [Fact]
    public async Task A_network_needs_tls_and_a_way_to_know_callers_or_start_is_refused()
    {
        using var authority = new TestAuthority();
        var keys = authority.In("keys.txt");
        KeyFile.Add(keys, AccessKey.Create("a", AccessScope.Read, out _));
        var open = new ServingOptions { Address = "0.0.0.0", Port = 0, HttpPort = 0 };
        var tls = open with { CertificateFile = authority.ServerFile, CertificateKeyFile = authority.ServerKeyFile };

        foreach (var options in new[] { open, open with { KeyFile = keys }, tls })
        {
            var refusal = await RefusalOfAsync(options);
            Assert.Contains("serving.certificateFile", refusal);
            Assert.Contains("serving.keyFile", refusal);
            Assert.Contains("127.0.0.1", refusal);
        }

        Assert.Null(await RefusalOfAsync(tls with { KeyFile = keys }));
        Assert.Null(await RefusalOfAsync(tls with { ClientAuthorityFile = authority.RootFile }));
        Assert.StartsWith("Cannot listen on 203.0.113.7", await RefusalOfAsync(tls with { KeyFile = keys, Address = "203.0.113.7" }));
    }

    [Fact]
    public async Task Unusable_certificates_are_one_clear_sentence()
    {
        using var authority = new TestAuthority();
        var local = new ServingOptions { Port = 0, HttpPort = 0 };

        Assert.StartsWith(
            "'/nowhere' (serving.certificateFile) cannot be used", await RefusalOfAsync(local with { CertificateFile = "/nowhere" }));
        Assert.StartsWith(
            $"'{authority.ServerFile}' (serving.certificateFile)",
            await RefusalOfAsync(local with { CertificateFile = authority.ServerFile }));
        Assert.Contains("need serving.certificateFile", await RefusalOfAsync(local with { ClientAuthorityFile = authority.RootFile }));
    }

    [Fact]
    public async Task With_tls_one_port_speaks_grpc_and_http()
    {
        using var authority = new TestAuthority();
        var options = new ServingOptions { CertificateFile = authority.ServerFile, CertificateKeyFile = authority.ServerKeyFile };
        await using var server = await ServerFixture.StartAsync("ab", options, authority.Handler());
        using var http = new HttpClient(authority.Handler()) { BaseAddress = server.HttpEndpoint };

        Assert.Equal(server.Endpoint, server.HttpEndpoint);
        Assert.Equal("https", server.Endpoint.Scheme);
        Assert.Equal("ab", (await server.Inference.GenerateAsync(new GenerateRequest { Spec = ServerFixture.Greedy() })).Text);
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using var response = await http.SendAsync(request);
            Assert.Equal((HttpStatusCode.OK, version), (response.StatusCode, response.Version));
        }
    }

    [Fact]
    public async Task A_client_authority_lets_in_whoever_it_vouches_for_and_nobody_else()
    {
        using var authority = new TestAuthority();
        using var stranger = new TestAuthority();
        using var known = authority.Client("alice");
        using var unknown = stranger.Client("mallory");
        var options = new ServingOptions
        {
            CertificateFile = authority.ServerFile,
            CertificateKeyFile = authority.ServerKeyFile,
            ClientAuthorityFile = authority.RootFile,
        };
        await using var server = await ServerFixture.StartAsync("ab", options, authority.Handler(known));

        Assert.Equal("ab", (await server.Inference.GenerateAsync(new GenerateRequest { Spec = ServerFixture.Greedy() })).Text);
        foreach (var handler in new[] { authority.Handler(), authority.Handler(unknown) })
        {
            using var http = new HttpClient(handler) { BaseAddress = server.HttpEndpoint };
            await Assert.ThrowsAnyAsync<Exception>(() => http.GetStringAsync("/v1/models"));
        }
    }

    [Fact]
    public async Task Headers_beyond_their_limit_are_refused()
    {
        await using var server = await ServerFixture.StartAsync("ab");
        using var http = new HttpClient { BaseAddress = server.HttpEndpoint };
        http.DefaultRequestHeaders.Add("x-long", new string('x', 20_000));
        using var response = await http.GetAsync("/v1/models");
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task A_message_beyond_its_limit_is_refused()
    {
        await using var server = await ServerFixture.StartAsync("ab", new ServingOptions { MaxMessageBytes = 10_000 });
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await server.Inference.TokenizeAsync(new TokenizeRequest { Text = new string('x', 10_001) }));
        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
    }

    private static async Task<string?> RefusalOfAsync(ServingOptions options)
    {
        using var checkpoints = new Publisher();
        await using var student = StudentServer.Follow(checkpoints.Root, new EngineOptions(), NullLoggerFactory.Instance);
        try
        {
            await using var host = await ServingHost.StartAsync(student, options, NullLoggerFactory.Instance);
            return null;
        }
        catch (ServingException refusal)
        {
            return refusal.Message;
        }
    }
}
