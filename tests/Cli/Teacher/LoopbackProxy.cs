using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Orca.Cli.Tests.Teacher;

/// <summary>Stands before an HTTP server, so that a test can do as it likes with calls on their way.</summary>
internal sealed class LoopbackProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _client = new();
    private readonly Uri _target;

    private LoopbackProxy(Uri target, Func<LoopbackProxy, HttpContext, Task> answer)
    {
        _target = target;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(context => answer(this, context));
    }

    /// <summary>Where it listens.</summary>
    public Uri Endpoint => new(
        _app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());

    /// <summary>Starts to listen.</summary>
    /// <param name="target">Who is asked behind it.</param>
    /// <param name="answer">What becomes of a call; <see cref="SendAsync"/> hands it on.</param>
    public static async Task<LoopbackProxy> StartAsync(Uri target, Func<LoopbackProxy, HttpContext, Task> answer)
    {
        var proxy = new LoopbackProxy(target, answer);
        await proxy._app.StartAsync();
        return proxy;
    }

    /// <summary>Hands a call on; returns the target's whole reply.</summary>
    public async Task<(int Status, byte[] Body)> SendAsync(HttpContext context)
    {
        using var asked = new HttpRequestMessage(
            new HttpMethod(context.Request.Method), new Uri(_target, $"{context.Request.Path}{context.Request.QueryString}"));
        if (context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0)
        {
            asked.Content = new StreamContent(context.Request.Body);
            asked.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
        }

        using var reply = await _client.SendAsync(asked, context.RequestAborted);
        return ((int)reply.StatusCode, await reply.Content.ReadAsByteArrayAsync(context.RequestAborted));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _client.Dispose();
    }
}
