using System.Collections.Immutable;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;

namespace Orca.Cli.Teacher.Faults;

/// <summary>Answers whose way to the caller is broken.</summary>
internal static class BrokenReplies
{
    private const long HugeBytes = 300L << 20;

    private static readonly TimeSpan DripPause = TimeSpan.FromMilliseconds(20);

    public static readonly ImmutableArray<BrokenReply> All =
    [
        new("events", "events that nobody asked for", IsLost: false, (reply, context, cancellation) =>
            WriteAsync(reply.Events(), "text/event-stream", context, cancellation)),
        new("wrong-type", "a completion that is called text/plain", IsLost: false, (reply, context, cancellation) =>
            WriteAsync(reply.Body, "text/plain", context, cancellation)),
        new("drip", "a byte at a time", IsLost: false, DripAsync),
        new("invalid-json", "JSON that lacks its end", IsLost: true, (reply, context, cancellation) =>
            WriteAsync(reply.Body[..^2], reply.Type, context, cancellation)),
        new("cut", "the connection is lost in the middle", IsLost: true, CutAsync),
        new("reset", "the connection is reset before the first byte", IsLost: true, (_, context, _) => Reset(context)),
        new("endless", "a reply that never ends, of blanks", IsLost: true, EndlessAsync),
        new("huge", "a reply of 300 MB", IsLost: true, HugeAsync),
    ];

    private static async Task WriteAsync(ReadOnlyMemory<byte> body, string type, HttpContext context, CancellationToken cancellationToken)
    {
        (context.Response.ContentType, context.Response.ContentLength) = (type, body.Length);
        await context.Response.Body.WriteAsync(body, cancellationToken);
    }

    private static async Task DripAsync(Reply reply, HttpContext context, CancellationToken cancellationToken)
    {
        (context.Response.ContentType, context.Response.ContentLength) = (reply.Type, reply.Body.Length);
        for (var sent = 0; sent < reply.Body.Length; sent++)
        {
            await context.Response.Body.WriteAsync(reply.Body.AsMemory(sent, 1), cancellationToken);
            await context.Response.Body.FlushAsync(cancellationToken);
            await Task.Delay(DripPause, cancellationToken);
        }
    }

    private static async Task CutAsync(Reply reply, HttpContext context, CancellationToken cancellationToken)
    {
        (context.Response.ContentType, context.Response.ContentLength) = (reply.Type, reply.Body.Length);
        await context.Response.Body.WriteAsync(reply.Body.AsMemory(0, reply.Body.Length / 2), cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
        context.Abort();
    }

    private static Task Reset(HttpContext context)
    {
        // Closed with nothing to linger for, a socket is reset.
        var socket = context.Features.Get<IConnectionSocketFeature>()?.Socket;
        socket?.LingerState = new LingerOption(enable: true, seconds: 0);
        context.Abort();
        return Task.CompletedTask;
    }

    private static async Task EndlessAsync(Reply reply, HttpContext context, CancellationToken cancellationToken)
    {
        context.Response.ContentType = reply.Type;
        while (true)
        {
            await context.Response.WriteAsync(" ", cancellationToken);
            await context.Response.Body.FlushAsync(cancellationToken);
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
        }
    }

    private static async Task HugeAsync(Reply reply, HttpContext context, CancellationToken cancellationToken)
    {
        context.Response.ContentType = reply.Type;
        var letters = new byte[64 << 10];
        letters.AsSpan().Fill((byte)'a');
        await context.Response.WriteAsync("""{"choices":[{"message":{"role":"assistant","content":" """, cancellationToken);
        for (var sent = 0L; sent < HugeBytes; sent += letters.Length)
        {
            await context.Response.Body.WriteAsync(letters, cancellationToken);
        }

        await context.Response.WriteAsync("\"},\"finish_reason\":\"stop\"}]}", cancellationToken);
    }
}
