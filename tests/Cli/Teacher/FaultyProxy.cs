using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

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
    private readonly WebApplication _app;
    private readonly HttpClient _client = new();
    private int _met;

    private FaultyProxy(Uri target, string kind, ProxyFault fault)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(context =>
        {
            var isIt = $"{context.Request.Method} {context.Request.Path}".StartsWith(kind, StringComparison.Ordinal);
            return AnswerAsync(context, target, isIt && Interlocked.Increment(ref _met) <= 2 ? fault : null);
        });
    }

    /// <summary>Calls of the kind that came.</summary>
    public int Met => _met;

    /// <summary>Where it listens.</summary>
    public Uri Endpoint => new(
        _app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());

    /// <summary>Starts to listen.</summary>
    public static async Task<FaultyProxy> StartAsync(Uri target, string kind, ProxyFault fault)
    {
        var proxy = new FaultyProxy(target, kind, fault);
        await proxy._app.StartAsync();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _client.Dispose();
    }

    private async Task AnswerAsync(HttpContext context, Uri target, ProxyFault? fault)
    {
        if (fault is ProxyFault.Status500 or ProxyFault.Status429 or ProxyFault.Html)
        {
            context.Response.StatusCode = fault == ProxyFault.Status429 ? 429 : fault == ProxyFault.Html ? 502 : 500;
            context.Response.Headers["retry-after-ms"] = "20";
            await context.Response.WriteAsync(fault == ProxyFault.Html ? "<html><h1>502 Bad Gateway</h1></html>" : "{}");
            return;
        }

        using var asked = new HttpRequestMessage(
            new HttpMethod(context.Request.Method), new Uri(target, $"{context.Request.Path}{context.Request.QueryString}"));
        if (context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0)
        {
            asked.Content = new StreamContent(context.Request.Body);
            asked.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
        }

        using var reply = await _client.SendAsync(asked, context.RequestAborted);
        var body = await reply.Content.ReadAsByteArrayAsync(context.RequestAborted);
        context.Response.StatusCode = (int)reply.StatusCode;
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
