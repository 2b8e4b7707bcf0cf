using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orca.Streams.Curricula;

namespace Orca.Serving.Hosting;

/// <summary>A student on gRPC: HTTP/2 without TLS on one address. Stops when disposed.</summary>
public sealed class ServingHost : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly StudentServer student;
    private readonly TimeSpan grace;
    private bool isDisposed;

    private ServingHost(WebApplication app, StudentServer student, TimeSpan grace)
    {
        (this.app, this.student, this.grace) = (app, student, grace);
        Endpoint = new Uri(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
    }

    /// <summary>Where it listens, with the port it was given.</summary>
    public Uri Endpoint { get; }

    /// <summary>Starts to listen.</summary>
    /// <param name="student">What answers; stopped, but not disposed, with the host.</param>
    /// <param name="options">Where to listen.</param>
    /// <param name="loggers">Take the log.</param>
    /// <param name="control">Steers the curriculum; null where there is none.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    /// <exception cref="ServingException">The address is none, or the port is in use.</exception>
    public static async Task<ServingHost> StartAsync(
        StudentServer student,
        ServingOptions options,
        ILoggerFactory loggers,
        ICurriculumControl? control = null,
        CancellationToken cancellationToken = default)
    {
        var address = AddressOf(options);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, address, options.Port));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, CallersLifetime>();
        builder.Services.AddOrcaServing(student, options, control);
        var app = builder.Build();
        app.EndEndlessCallsAtStop();
        app.MapOrcaServices();
        try
        {
            await app.StartAsync(cancellationToken);
            return new ServingHost(app, student, options.StopGrace);
        }
        catch (Exception failure)
        {
            await app.DisposeAsync();
            throw Explain(failure, options) ?? failure;
        }
    }

    /// <summary>Reports NOT_SERVING, lets requests in flight finish for the grace period, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isDisposed, true))
        {
            return;
        }

        app.Lifetime.StopApplication();
        await student.Engine.StopAsync(grace);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await app.StopAsync(patience.Token);
        await app.DisposeAsync();
    }

    private static void Configure(KestrelServerOptions kestrel, IPAddress address, int port)
    {
        kestrel.AddServerHeader = false;
        kestrel.Listen(address, port, listen => listen.Protocols = HttpProtocols.Http2);
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);

        // Small, so that a caller that stops reading is felt after a few thousand tokens and not after a megabyte.
        kestrel.Limits.Http2.InitialStreamWindowSize = 128 * 1024;
    }

    private static IPAddress AddressOf(ServingOptions options) => options.Address switch
    {
        "localhost" => IPAddress.Loopback,
        "*" => IPAddress.Any,
        _ => IPAddress.TryParse(options.Address, out var address) ? address : throw new ServingException(
            $"'{options.Address}' is no address to listen on; give an IP address, such as 127.0.0.1 for this machine alone or 0.0.0.0 for every network."),
    };

    private static ServingException? Explain(Exception failure, ServingOptions options) => failure switch
    {
        IOException { InnerException: AddressInUseException } => new ServingException(
            $"Port {options.Port} on {options.Address} is in use; stop the program that holds it, or choose another port.", failure),
        SocketException socket => new ServingException(
            $"Cannot listen on {options.Address} port {options.Port}: {socket.Message}; choose an address of this machine and a port you may use.", failure),
        _ => null,
    };

    /// <summary>The host lives as long as its caller wants: signals are the caller's business.</summary>
    private sealed class CallersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
