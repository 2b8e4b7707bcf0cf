using System.Buffers.Binary;
using System.Net.Sockets;

namespace Orca.Serving.Tests.Grpc;

/// <summary>A client's pings, frame by frame: no client library sends as many as the worst of them might.</summary>
public class KeepAliveTests
{
    private const byte Settings = 4;
    private const byte Ping = 6;
    private const byte GoAway = 7;
    private const byte Acknowledged = 1;

    [Fact]
    public async Task A_client_that_pings_an_idle_connection_again_and_again_is_answered_and_not_sent_away()
    {
        const int pings = 500;
        await using var server = await ServerFixture.StartEmptyAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(server.Endpoint.Host, server.Endpoint.Port);
        var stream = client.GetStream();
        await stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        await WriteAsync(stream, Settings, []);

        for (long number = 1; number <= pings; number++)
        {
            var payload = new byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(payload, number);
            await WriteAsync(stream, Ping, payload);
            byte[] answer;
            byte type;
            do
            {
                (type, answer) = await ReadAsync(stream);
                Assert.NotEqual(GoAway, type);
            }
            while (type != Ping);

            Assert.Equal(payload, answer);
        }
    }

    private static async Task WriteAsync(NetworkStream stream, byte type, byte[] payload) =>
        await stream.WriteAsync((byte[])[0, 0, (byte)payload.Length, type, 0, 0, 0, 0, 0, .. payload]);

    /// <summary>The next frame; a ping of the server's own is answered.</summary>
    private static async Task<(byte Type, byte[] Payload)> ReadAsync(NetworkStream stream)
    {
        var head = new byte[9];
        await stream.ReadExactlyAsync(head);
        var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
        await stream.ReadExactlyAsync(payload);
        if (head[3] == Ping && (head[4] & Acknowledged) == 0)
        {
            await stream.WriteAsync((byte[])[0, 0, 8, Ping, Acknowledged, 0, 0, 0, 0, .. payload]);
            return await ReadAsync(stream);
        }

        return (head[3], payload);
    }
}
