using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;

namespace Orca.Cli.Tests.Teacher;

/// <summary>What becomes of a call on its way.</summary>
public enum ProxyFault
{
    /// <summary>500, and the target never hears of it.</summary>
    Status500,

    /// <summary>429 with a pause of 20 ms, and the target never hears of it.</summary>
    Status429,

    /// <summary>A page of HTML with 502.</summary>
    Html,

    /// <summary>The target does it, its reply is lost.</summary>
    ReplyLost,

    /// <summary>The target does it, its reply breaks off.</summary>
    ReplyCut,

    /// <summary>The target does it, half of its reply comes as if it were all.</summary>
    ReplyHalved,
}

/// <summary>Hands calls on; something goes wrong with the first two of a kind.</summary>
internal sealed class FaultyProxy : IAsyncDisposable
{
    private readonly LoopbackProxy _proxy;
    private readonly StrongBox<int> _met;

    private FaultyProxy(LoopbackProxy proxy, StrongBox<int> met) => (_proxy, _met) = (proxy, met);

    /// <summary>Calls of the kind that came.</summary>
    public int Met => Volatile.Read(ref _met.Value);

    /// <summary>Where it listens.</summary>
    public Uri Endpoint => _proxy.Endpoint;

    /// <summary>Starts to listen.</summary>
    public static async Task<FaultyProxy> StartAsync(Uri target, string kind, ProxyFault fault)
    {
        var met = new StrongBox<int>();
        return new FaultyProxy(
            await LoopbackProxy.StartAsync(target, (proxy, context) =>
            {
                var isIt = $"{context.Request.Method} {context.Request.Path}".StartsWith(kind, StringComparison.Ordinal);
                return AnswerAsync(proxy, context, isIt && Interlocked.Increment(ref met.Value) <= 2 ? fault : null);
            }),
            met);
    }

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    private static async Task AnswerAsync(LoopbackProxy proxy, HttpContext context, ProxyFault? fault)
    {
        if (fault is ProxyFault.Status500 or ProxyFault.Status429 or ProxyFault.Html)
        {
            context.Response.StatusCode = fault == ProxyFault.Status429 ? 429 : fault == ProxyFault.Html ? 502 : 500;
            context.Response.Headers["retry-after-ms"] = "20";
            await context.Response.WriteAsync(fault == ProxyFault.Html ? "<html><h1>502 Bad Gateway</h1></html>" : "{}");
            return;
        }

        (context.Response.StatusCode, var body) = await proxy.SendAsync(context);
        switch (fault)
        {
            case ProxyFault.ReplyLost:
                context.Abort();
                break;
            case ProxyFault.ReplyCut:
                context.Response.ContentLength = body.Length;
                await context.Response.Body.WriteAsync(body.AsMemory(0, body.Length / 2));
                await context.Response.Body.FlushAsync();
                context.Abort();
                break;
            case ProxyFault.ReplyHalved:
                await context.Response.Body.WriteAsync(body.AsMemory(0, body.Length / 2));
                break;
            default:
                await context.Response.Body.WriteAsync(body);
                break;
        }
    }
}
