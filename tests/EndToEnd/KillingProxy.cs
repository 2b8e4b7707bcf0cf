using Microsoft.AspNetCore.Http;
using Orca.Cli.Tests.Teacher;

namespace Orca.EndToEnd.Tests;

/// <summary>
/// Hands calls on, until one of a kind comes: that one is never answered, so that its caller can be killed in the midst of it.
/// </summary>
internal sealed class KillingProxy : IAsyncDisposable
{
    private readonly LoopbackProxy proxy;

    private KillingProxy(LoopbackProxy proxy, Task reached) => (this.proxy, Reached) = (proxy, reached);

    /// <summary>Where it listens.</summary>
    public Uri Endpoint => proxy.Endpoint;

    /// <summary>Complete when the call has come, and has been answered by the target where it was handed on.</summary>
    public Task Reached { get; }

    /// <summary>Starts to listen.</summary>
    /// <param name="target">Who is asked behind it.</param>
    /// <param name="kind">How the call begins: its method and path.</param>
    /// <param name="isHandedOn">Whether the target hears of it.</param>
    public static async Task<KillingProxy> StartAsync(Uri target, string kind, bool isHandedOn)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return new KillingProxy(
            await LoopbackProxy.StartAsync(target, (proxy, context) => AnswerAsync(proxy, context, kind, isHandedOn, reached)),
            reached.Task);
    }

    public ValueTask DisposeAsync() => proxy.DisposeAsync();

    private static async Task AnswerAsync(
        LoopbackProxy proxy, HttpContext context, string kind, bool isHandedOn, TaskCompletionSource reached)
    {
        var isIt = $"{context.Request.Method} {context.Request.Path}".StartsWith(kind, StringComparison.Ordinal);
        var (status, body) = isIt && !isHandedOn ? (0, []) : await proxy.SendAsync(context);
        if (isIt)
        {
            reached.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        context.Response.StatusCode = status;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
