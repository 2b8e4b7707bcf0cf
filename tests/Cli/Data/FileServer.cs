using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Orca.Cli.Tests.Data;

/// <summary>An HTTP server on loopback with one file, which heeds ranges as RFC 9110 says; a test may answer single calls otherwise.</summary>
internal sealed class FileServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Func<HttpContext, int, Task<bool>> _otherwise;
    private readonly List<string> _ranges = [];

    private FileServer(byte[] content, Func<HttpContext, int, Task<bool>> otherwise)
    {
        (Content, _otherwise) = (content, otherwise);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    /// <summary>The file as it is now.</summary>
    public byte[] Content { get; set; }

    /// <summary>Its entity tag; null for none.</summary>
    public string? Tag { get; set; } = "\"one\"";

    /// <summary>Whether ranges are heeded.</summary>
    public bool HeedsRanges { get; set; } = true;

    /// <summary>What each call asked for: its range, and the tag that it is conditional on.</summary>
    public IReadOnlyList<string> Ranges => _ranges;

    /// <summary>Where it listens.</summary>
    public Uri Endpoint => new(
        _app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());

    /// <summary>The file's address.</summary>
    public Uri Address => new(Endpoint, "files/set.jsonl");

    /// <summary>Bytes that look like nothing, always the same.</summary>
    public static byte[] Bytes(int count, int seed = 1)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>The SHA-256 of bytes, as <c>sha256sum</c> prints it.</summary>
    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Starts to listen.</summary>
    /// <param name="content">The file.</param>
    /// <param name="otherwise">Answers a call, by its number from 0; false where the file is the answer.</param>
    public static async Task<FileServer> StartAsync(byte[] content, Func<HttpContext, int, Task<bool>>? otherwise = null)
    {
        var server = new FileServer(content, otherwise ?? ((_, _) => Task.FromResult(false)));
        await server._app.StartAsync();
        return server;
    }

    /// <summary>Answers the first call with so many bytes of the file, and cuts the connection when they lie at a path.</summary>
    public static Func<HttpContext, int, Task<bool>> CutFirst(byte[] content, int after, string path, string? tag = "\"one\"") =>
        async (context, number) =>
        {
            if (number == 0)
            {
                context.Response.ContentLength = content.Length;
                context.Response.Headers.ETag = tag;
                await context.Response.Body.WriteAsync(content.AsMemory(0, after));
                await context.Response.Body.FlushAsync();
                // What was sent and not read would go with the connection.
                while (!File.Exists(path) || new FileInfo(path).Length != after)
                {
                    await Task.Delay(5, context.RequestAborted);
                }

                context.Abort();
            }

            return number == 0;
        };

    /// <summary>Answers the first call with a status.</summary>
    public static Func<HttpContext, int, Task<bool>> RefuseFirst(int status, string? retryAfter = null) => (context, number) =>
    {
        if (number == 0)
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = retryAfter;
        }

        return Task.FromResult(number == 0);
    };

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        int number;
        lock (_ranges)
        {
            number = _ranges.Count;
            _ranges.Add($"{context.Request.Headers.Range} {context.Request.Headers.IfRange}".Trim());
        }

        if (await _otherwise(context, number))
        {
            return;
        }

        context.Response.Headers.ETag = Tag;
        var from = From(context.Request);
        if (from >= Content.Length && from > 0)
        {
            context.Response.StatusCode = 416;
            context.Response.Headers.ContentRange = $"bytes */{Content.Length}";
            return;
        }

        if (from > 0)
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {from}-{Content.Length - 1}/{Content.Length}";
        }

        context.Response.ContentLength = Content.Length - from;
        await context.Response.Body.WriteAsync(Content.AsMemory(from));
    }

    private int From(HttpRequest request)
    {
        var condition = request.Headers.IfRange.ToString();
        return HeedsRanges && request.Headers.Range.ToString() is { Length: > 0 } range && (condition.Length == 0 || condition == Tag)
            ? int.Parse(range["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture)
            : 0;
    }
}
