using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Orca.Protocol.Inference.V1;
using Orca.Serving.Engine;

namespace Orca.Serving.Tests.Grpc;

public class ConnectionTests
{
    private static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    // Pitfall 23: clients that ping an idle connection must not be sent away. A client's pings of a day, at once.
    [Fact]
    public async Task Thousands_of_pings_on_an_idle_connection_are_answered_and_nobody_is_sent_away()
    {
        const int pings = 2_880;
        await using var server = await ServerFixture.StartAsync("ab");
        using var client = new TcpClient();
        await client.ConnectAsync(server.Endpoint.Host, server.Endpoint.Port);
        await using var wire = client.GetStream();
        await wire.WriteAsync(Preface);
        await wire.WriteAsync(Frame(type: 4, new byte[0]));

        var (answered, sentAway) = (0, false);
        var frames = ReadFramesAsync(wire, (type, flags) =>
        {
            answered += type == 6 && (flags & 1) == 1 ? 1 : 0;
            sentAway |= type == 7;
            return answered < pings && !sentAway;
        });
        for (var i = 0; i < pings; i++)
        {
            await wire.WriteAsync(Frame(type: 6, BitConverter.GetBytes((long)i)));
        }

        await frames.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal((pings, false), (answered, sentAway));
    }

    // Pitfall 24: more than a hundred calls at the same time on one connection.
    [Fact]
    public async Task One_connection_carries_more_than_a_hundred_calls_at_the_same_time()
    {
        await using var server = await ServerFixture.StartAsync(
            "abc", endless: true, context: 64, new EngineOptions { MaxConcurrentRequests = 2, MaxQueuedRequests = 256 });
        using var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = false };
        using var channel = GrpcChannel.ForAddress(server.Endpoint, new GrpcChannelOptions { HttpHandler = handler });
        var client = new InferenceService.InferenceServiceClient(channel);
        server.Student.Engine.Pause();

        var answers = Enumerable.Range(0, 150)
            .Select(_ => client.GenerateAsync(new GenerateRequest { Spec = ServerFixture.Greedy(maxTokens: 5) }).ResponseAsync).ToList();
        await Patience.UntilAsync(() => server.Student.Engine.Requests().Count == 150);
        server.Student.Engine.Resume();

        Assert.All(await Task.WhenAll(answers), answer => Assert.Equal("abcab", answer.Text));
    }

    private static byte[] Frame(byte type, byte[] payload) =>
        [0, (byte)(payload.Length >> 8), (byte)payload.Length, type, 0, 0, 0, 0, 0, .. payload];

    private static async Task ReadFramesAsync(Stream wire, Func<byte, byte, bool> goesOn)
    {
        var head = new byte[9];
        do
        {
            await wire.ReadExactlyAsync(head);
            var length = (head[0] << 16) | (head[1] << 8) | head[2];
            await wire.ReadExactlyAsync(new byte[length]);
        }
        while (goesOn(head[3], head[4]));
    }
}
