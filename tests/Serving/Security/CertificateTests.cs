using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Orca.Protocol.Admin.V1;
using Orca.Protocol.Inference.V1;
using Orca.Serving.Hosting;
using Orca.Serving.Security;
using Orca.Serving.Tests.Grpc;

namespace Orca.Serving.Tests.Security;

/// <summary>Certificates that change while a server runs, and what those of callers open.</summary>
public sealed class CertificateTests : IDisposable
{
    private readonly TestAuthority authority = new();
    private readonly TestAuthority stranger = new();

    private ServingOptions Options => new()
    {
        CertificateFile = authority.ServerFile,
        CertificateKeyFile = authority.ServerKeyFile,
        ClientAuthorityFile = authority.RootFile,
    };

    [Fact]
    public async Task A_renewed_certificate_is_shown_without_a_restart_and_a_broken_one_never()
    {
        await using var server = await ServerFixture.StartAsync("ab", Options with { ClientAuthorityFile = null }, authority.Handler());
        var first = await ShownAsync(server);
        await File.WriteAllTextAsync(authority.ServerKeyFile, "-----BEGIN PRIVATE KEY-----\nnone\n", TestContext.Current.CancellationToken);
        await Task.Delay(FileWatch.Interval * 2, TestContext.Current.CancellationToken);
        Assert.Equal(first, await ShownAsync(server));

        var renewed = authority.RenewServer();
        Assert.NotEqual(first, renewed);
        await Patience.UntilAsync(async () => await ShownAsync(server) == renewed);
        Assert.Equal("ab", (await server.Inference.GenerateAsync(new GenerateRequest { Spec = ServerFixture.Greedy() })).Text);
    }

    [Fact]
    public async Task Another_authority_of_callers_counts_without_a_restart()
    {
        using var known = authority.Client("alice");
        using var other = stranger.Client("bob");
        await using var server = await ServerFixture.StartAsync("ab", Options, authority.Handler(known));
        Assert.Equal(
            (true, false), (await MayAskAsync(server, authority.Handler(known)), await MayAskAsync(server, authority.Handler(other))));

        File.Copy(stranger.RootFile, authority.RootFile, overwrite: true);
        await Patience.UntilAsync(() => MayAskAsync(server, authority.Handler(other)));
        Assert.False(await MayAskAsync(server, authority.Handler(known)));
    }

    [Fact]
    public async Task A_caller_brings_the_certificates_between_its_own_and_the_authority()
    {
        var (known, between) = authority.ClientOfAnother("alice");
        var (unknown, betweenToo) = stranger.ClientOfAnother("mallory");
        await using var server = await ServerFixture.StartAsync("ab", Options, authority.Handler(known, between));
        Assert.True(await MayAskAsync(server, authority.Handler(known, between)));
        Assert.False(await MayAskAsync(server, authority.Handler(known)));
        Assert.False(await MayAskAsync(server, authority.Handler(unknown, betweenToo)));
    }

    [Theory]
    [InlineData(AccessScope.Read, StatusCode.PermissionDenied)]
    [InlineData(AccessScope.Control, StatusCode.OK)]
    public async Task A_certificate_asks_and_steers_only_where_the_server_s_owner_says_so(AccessScope scope, StatusCode expected)
    {
        using var known = authority.Client("alice");
        var options = scope == new ServingOptions().ClientCertificateScope ? Options : Options with { ClientCertificateScope = scope };
        await using var server = await ServerFixture.StartAsync("ab", options, authority.Handler(known));
        Assert.Equal("ab", (await server.Inference.GenerateAsync(new GenerateRequest { Spec = ServerFixture.Greedy() })).Text);
        try
        {
            await new ServerService.ServerServiceClient(server.Channel).ResumeGenerationAsync(new ResumeGenerationRequest());
            Assert.Equal(StatusCode.OK, expected);
        }
        catch (RpcException refusal)
        {
            Assert.Equal(expected, refusal.StatusCode);
            Assert.Contains("The certificate 'alice' has the scope read", refusal.Status.Detail);
            Assert.Contains("serving.clientCertificateScope", refusal.Status.Detail);
        }
    }

    [Fact]
    public async Task Files_that_become_unusable_are_told_of_once()
    {
        var (clock, log, files) = (new FakeTimeProvider(), new Warnings(), new TlsFiles(Options));
        using var watch = new CertificateWatch(files, clock, log);
        await watch.StartAsync(TestContext.Current.CancellationToken);
        File.Delete(authority.RootFile);
        await Patience.UntilAsync(() =>
        {
            clock.Advance(FileWatch.Interval);
            return !log.Lines.IsEmpty;
        });
        for (var i = 0; i < 5; i++)
        {
            clock.Advance(FileWatch.Interval);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.StartsWith(
            $"The certificates stay as they were: '{authority.RootFile}' (serving.clientAuthorityFile) cannot be used",
            Assert.Single(log.Lines));
        Assert.NotNull(files.ForHandshake().CertificateChainPolicy);
        await watch.StopAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        authority.Dispose();
        stranger.Dispose();
    }

    private async Task<string> ShownAsync(ServerFixture server)
    {
        var shown = "";
        using var http = new HttpClient(authority.Handler(seen: thumbprint => shown = thumbprint)) { BaseAddress = server.HttpEndpoint };
        using var response = await http.GetAsync("/v1/models");
        return shown;
    }

    private static async Task<bool> MayAskAsync(ServerFixture server, SocketsHttpHandler handler)
    {
        using var channel = GrpcChannel.ForAddress(
            server.Endpoint, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
        try
        {
            return (await new InferenceService.InferenceServiceClient(channel).GenerateAsync(new GenerateRequest { Spec = ServerFixture.Greedy() })).Text == "ab";
        }
        catch (RpcException refused) when (refused.StatusCode is StatusCode.Internal or StatusCode.Unavailable)
        {
            return false;
        }
    }

    private sealed class Warnings : ILogger<CertificateWatch>
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));
    }
}
