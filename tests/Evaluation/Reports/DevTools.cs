using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orca.Evaluation.Tests.Reports;

/// <summary>A browser's DevTools protocol over its WebSocket: commands with their results, and the events in the order they came.</summary>
internal sealed class DevTools : IAsyncDisposable
{
    // A busy machine takes long.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly ClientWebSocket socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> asked = [];
    private readonly ConcurrentQueue<(string? Session, string Method, JsonElement Parameters)> events = [];
    private readonly SemaphoreSlim sending = new(1);
    private Task reading = Task.CompletedTask;
    private int last;

    /// <summary>What was told without being asked.</summary>
    public IEnumerable<(string? Session, string Method, JsonElement Parameters)> Events => events;

    /// <summary>Connects to the address that the browser printed.</summary>
    public static async Task<DevTools> ConnectAsync(Uri address)
    {
        var tools = new DevTools();
        await tools.socket.ConnectAsync(address, CancellationToken.None);
        tools.reading = tools.ReadAsync();
        return tools;
    }

    /// <summary>Sends a command to the browser, or to a page's session, and waits for its result.</summary>
    /// <exception cref="InvalidOperationException">The browser refuses it, or ended.</exception>
    /// <exception cref="TimeoutException">It does not answer.</exception>
    public async Task<JsonElement> CallAsync(string method, JsonObject parameters, string? session)
    {
        var number = Interlocked.Increment(ref last);
        var result = asked[number] = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = new JsonObject { ["id"] = number, ["method"] = method, ["params"] = parameters };
        if (session is not null)
        {
            message["sessionId"] = session;
        }

        await sending.WaitAsync();
        try
        {
            await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, true, CancellationToken.None);
        }
        finally
        {
            sending.Release();
        }

        return await result.Task.WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        socket.Abort();
        await reading;
        socket.Dispose();
        sending.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await MessageAsync() is { } message)
            {
                Take(message);
            }
        }
        catch (Exception failure) when (failure is WebSocketException or OperationCanceledException)
        {
            // The browser ended, or this connection did: whoever waits hears it below.
        }

        foreach (var waiting in asked.Values)
        {
            waiting.TrySetException(new InvalidOperationException("The browser ended."));
        }
    }

    private void Take(JsonElement message)
    {
        if (!message.TryGetProperty("id", out var id))
        {
            var session = message.TryGetProperty("sessionId", out var named) ? named.GetString() : null;
            events.Enqueue((session, message.GetProperty("method").GetString()!, message.GetProperty("params")));
        }
        else if (asked.TryRemove(id.GetInt32(), out var waiting))
        {
            _ = message.TryGetProperty("error", out var error)
                ? waiting.TrySetException(new InvalidOperationException(error.ToString()))
                : waiting.TrySetResult(message.GetProperty("result"));
        }
    }

    private async Task<JsonElement?> MessageAsync()
    {
        var (message, buffer) = (new MemoryStream(), new byte[65_536]);
        WebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer, CancellationToken.None);
            message.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);
        return part.MessageType == WebSocketMessageType.Close ? null : JsonSerializer.Deserialize<JsonElement>(message.ToArray());
    }
}
