using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orca.Streams.Tests.Support;

/// <summary>An HTTP server on loopback that answers as a test says, byte for byte; so it can also break off in the middle.</summary>
internal sealed class ChatServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Func<int, string> answer;
    private readonly bool closes;
    private readonly Task loop;

    /// <param name="answer">
    /// The raw reply to request number n, from 1; an empty one closes the connection, null says nothing until the end.
    /// </param>
    /// <param name="closes">Whether each connection is closed after a reply, whatever it says.</param>
    public ChatServer(Func<int, string> answer, bool closes = false)
    {
        (this.answer, this.closes) = (answer, closes);
        listener.Start();
        loop = Task.Run(AcceptAsync);
    }

    public Uri BaseUrl => new(string.Create(
        CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/v1"));

    public List<(string Head, JsonNode Body)> Requests { get; } = [];

    public static string Reply(string text, string? finish = "stop", int promptTokens = 10, int completionTokens = 20) => Http(200, new JsonObject
    {
        ["id"] = "x",
        ["object"] = "chat.completion",
        ["created"] = 1,
        ["model"] = "m",
        ["choices"] = new JsonArray(new JsonObject
        {
            ["index"] = 0,
            ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = text },
            ["finish_reason"] = finish,
        }),
        ["usage"] = new JsonObject { ["prompt_tokens"] = promptTokens, ["completion_tokens"] = completionTokens },
    }.ToJsonString());

    public static string Http(int status, string body, string headers = "") =>
        $"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: "
            + $"{Encoding.UTF8.GetByteCount(body)}\r\n{headers}\r\n{body}";

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await loop;
        listener.Stop();
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await listener.AcceptTcpClientAsync(stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        try
        {
            var stream = connection.GetStream();
            while (await ReadRequestAsync(stream) is { } request)
            {
                int number;
                lock (Requests)
                {
                    Requests.Add(request);
                    number = Requests.Count;
                }

                if (answer(number) is not { } reply)
                {
                    await Task.Delay(Timeout.Infinite, stop.Token);
                    return;
                }

                await stream.WriteAsync(Encoding.UTF8.GetBytes(reply), stop.Token);
                if (closes || !reply.EndsWith('}'))
                {
                    return;
                }
            }
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            // The client has gone, or the test is over.
        }
    }

    private async Task<(string Head, JsonNode Body)?> ReadRequestAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, stop.Token) == 0)
            {
                return null;
            }

            head.Append((char)one[0]);
        }

        var length = head.ToString().Split("\r\n")
            .First(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Split(':')[1];
        var body = new byte[int.Parse(length, CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, stop.Token);
        return (head.ToString(), JsonNode.Parse(JsonDocument.Parse(body).RootElement.GetRawText())!);
    }
}
