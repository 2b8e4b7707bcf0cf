using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Orca.EndToEnd.Tests;

/// <summary>
/// Hands calls on, until one of a kind comes: that one is never answered, so that its caller can be killed in the midst of it.
/// </summary>
internal sealed class KillingProxy : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly HttpClient client = new();
    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private KillingProxy(Uri target, string kind, bool isHandedOn)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        app = builder.Build();
        app.Run(context => AnswerAsync(context, target, kind, isHandedOn));
    }

    /// <summary>Where it listens.</summary>
    public Uri Endpoint => new(
        app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());

    /// <summary>Complete when the call has come, and has been answered by the target where it was handed on.</summary>
    public Task Reached => reached.Task;

    /// <summary>Starts to listen.</summary>
    /// <param name="target">Who is asked behind it.</param>
    /// <param name="kind">How the call begins: its method and path.</param>
    /// <param name="isHandedOn">Whether the target hears of it.</param>
    public static async Task<KillingProxy> StartAsync(Uri target, string kind, bool isHandedOn)
    {
        var proxy = new KillingProxy(target, kind, isHandedOn);
        await proxy.app.StartAsync();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        client.Dispose();
    }

    private async Task AnswerAsync(HttpContext context, Uri target, string kind, bool isHandedOn)
    {
        var isIt = $"{context.Request.Method} {context.Request.Path}".StartsWith(kind, StringComparison.Ordinal);
        if (isIt && !isHandedOn)
        {
            await HoldAsync(context);
            return;
        }

        using var asked = new HttpRequestMessage(
            new HttpMethod(context.Request.Method), new Uri(target, $"{context.Request.Path}{context.Request.QueryString}"));
        if (context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0)
        {
            asked.Content = new StreamContent(context.Request.Body);
            asked.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
        }

        using var reply = await client.SendAsync(asked, context.RequestAborted);
        var body = await reply.Content.ReadAsByteArrayAsync(context.RequestAborted);
        if (isIt)
        {
            await HoldAsync(context);
            return;
        }

        context.Response.StatusCode = (int)reply.StatusCode;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private async Task HoldAsync(HttpContext context)
    {
        reached.TrySetResult();
        await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
