using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Orca.Cli.Clients;
using Orca.Cli.Commands;
using Orca.Protocol.Inference.V1;

namespace Orca.Cli.Tests.Clients;

public sealed class ServerAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:6000", "http://127.0.0.1:6000/")]
    [InlineData(":6000", "http://127.0.0.1:6000/")]
    [InlineData("host", "http://host:5400/")]
    [InlineData("host:80", "http://host/")]
    [InlineData("[::1]", "http://[::1]:5400/")]
    [InlineData("[::1]:6000", "http://[::1]:6000/")]
    [InlineData("https://host", "https://host/")]
    [InlineData("https://host:5400/", "https://host:5400/")]
    public void An_address_is_a_host_with_or_without_a_port_or_a_url(string text, string expected) =>
        Assert.Equal(expected, ServerAddress.Parse(text).AbsoluteUri);

    [Theory]
    [InlineData("orca-1\n")]
    [InlineData("orca 1")]
    [InlineData("ключ")]
    public void A_key_that_no_header_can_hold_is_told(string key)
    {
        var fault = Assert.Throws<CommandException>(() => ServerAddress.Open(new Uri("http://127.0.0.1:1"), key)).Message;
        Assert.Contains("flag --api-key", fault);
        Assert.DoesNotContain(key, fault);
    }

    [Fact]
    public async Task A_server_that_takes_calls_and_hangs_is_given_up()
    {
        using var hanging = new TcpListener(IPAddress.Loopback, 0);
        hanging.Start();
        var address = new Uri($"http://127.0.0.1:{((IPEndPoint)hanging.LocalEndpoint).Port}");
        using var channel = ServerAddress.Open(address, silence: TimeSpan.FromSeconds(1));
        var client = new InferenceService.InferenceServiceClient(channel);

        var asking = client.ScoreAsync(new ScoreRequest(), cancellationToken: TestContext.Current.CancellationToken).ResponseAsync;

        Assert.Same(asking, await Task.WhenAny(asking, Task.Delay(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken)));
        await Assert.ThrowsAsync<RpcException>(() => asking);
    }

    [Theory]
    [InlineData("")]
    [InlineData("host:port")]
    [InlineData("host:99999")]
    [InlineData("ftp://host:1")]
    [InlineData("host:1/path")]
    [InlineData("host:1?query")]
    [InlineData("user:password@host:1")]
    [InlineData("two words:1")]
    [InlineData(" host:1")]
    public void Anything_else_is_told(string text) =>
        Assert.Contains($"'{text}' is no address", Assert.Throws<CommandException>(() => ServerAddress.Parse(text)).Message);
}
