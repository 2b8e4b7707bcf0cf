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
using Orca.Serving.Security;
using Orca.Streams.Curricula.Control;

namespace Orca.Serving.Hosting;

/// <summary>
/// A student on gRPC and HTTP. Without TLS each has a port of its own, since nothing in plain text tells HTTP/1.1 from
/// HTTP/2 before the first byte; with TLS they share one. Stops when disposed.
/// </summary>
public sealed class ServingHost : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly StudentServer student;
    private readonly TimeSpan grace;
    private readonly TaskCompletionSource broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool isDisposed;

    private ServingHost(WebApplication app, StudentServer student, TimeSpan grace)
    {
        (this.app, this.student, this.grace) = (app, student, grace);
        var addresses = app.Services.GetRequiredService<IServer>().Features
            .GetRequiredFeature<IServerAddressesFeature>().Addresses.ToArray();
        (Endpoint, HttpEndpoint) = (new Uri(addresses[0]), new Uri(addresses[^1]));
        app.Lifetime.ApplicationStopping.Register(NoteStop);
    }

    /// <summary>Where gRPC listens, with the port it was given.</summary>
    public Uri Endpoint { get; }

    /// <summary>Where HTTP listens, with the port it was given; with TLS the same as <see cref="Endpoint"/>.</summary>
    public Uri HttpEndpoint { get; }

    /// <summary>Ends only when it stops to listen by itself, which the log has the reason of; never when it is disposed.</summary>
    public Task Broken => broken.Task;

    /// <summary>Starts to listen.</summary>
    /// <param name="student">What answers; stopped, but not disposed, with the host.</param>
    /// <param name="options">Where to listen.</param>
    /// <param name="loggers">Take the log.</param>
    /// <param name="control">Steers the curriculum; null where there is none.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    /// <exception cref="ServingException">
    /// The address is none, or the port is in use; the options would let anybody in from a network; or a file they name is unusable.
    /// </exception>
    public static async Task<ServingHost> StartAsync(
        StudentServer student,
        ServingOptions options,
        ILoggerFactory loggers,
        ICurriculumControl? control = null,
        CancellationToken cancellationToken = default)
    {
        var address = AddressOf(options);
        ListenRules.Check(options, address);
        BrowserGuard.Check(options);
        var tls = options.CertificateFile is null ? null : new TlsFiles(options);
        var httpPort = options.HttpPort ?? ServingOptions.DefaultHttpPort;
        while (true)
        {
            var app = Build(
                student, options, kestrel => KestrelSettings.Apply(kestrel, options, address, httpPort, tls), tls, loggers, control);
            try
            {
                await app.StartAsync(cancellationToken);
                return new ServingHost(app, student, options.StopGrace);
            }
            catch (IOException taken) when (taken.InnerException is AddressInUseException && options.HttpPort is null && httpPort != 0 && Names(taken, httpPort))
            {
                // Nobody asked for this very port.
                await app.DisposeAsync();
                httpPort = 0;
            }
            catch (Exception failure)
            {
                await app.DisposeAsync();
                throw Explain(failure, options, Names(failure, httpPort) ? httpPort : options.Port) ?? failure;
            }
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

    private void NoteStop()
    {
        if (!Volatile.Read(ref isDisposed))
        {
            broken.TrySetException(new ServingException("The server has stopped to listen, since something that it runs in the "
                + "background failed; the log has the reason."));
        }
    }

    private static WebApplication Build(
        StudentServer student, ServingOptions options, Action<KestrelServerOptions> configure, TlsFiles? tls,
        ILoggerFactory loggers, ICurriculumControl? control)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var kestrel = builder.WebHost.UseKestrelCore().ConfigureKestrel(configure);
        if (tls is not null)
        {
            kestrel.UseKestrelHttpsConfiguration();
            builder.Services.AddSingleton(tls);
            builder.Services.AddHostedService<CertificateWatch>();
        }

        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, CallersLifetime>();
        builder.Services.AddOrcaServing(student, options, control);
        var app = builder.Build();
        app.EndEndlessCallsAtStop();
        app.MapOrcaServices();
        return app;
    }

    private static bool Names(Exception failure, int port) => failure.Message.Contains($":{port}:", StringComparison.Ordinal);

    private static IPAddress AddressOf(ServingOptions options) => options.Address switch
    {
        "localhost" => IPAddress.Loopback,
        "*" => IPAddress.Any,
        _ => IPAddress.TryParse(options.Address, out var address) ? address : throw new ServingException(
            $"'{options.Address}' is no address to listen on; give an IP address, such as 127.0.0.1 for this machine alone or 0.0.0.0 "
                + "for every network."),
    };

    private static ServingException? Explain(Exception failure, ServingOptions options, int port) => failure switch
    {
        IOException { InnerException: AddressInUseException } => new ServingException(
            $"Port {port} on {options.Address} is in use; stop the program that holds it, or choose another port.", failure),
        SocketException socket => new ServingException(
            $"Cannot listen on {options.Address} port {port}: {socket.Message}; choose an address of this machine and a port you may use.",
            failure),
        _ => null,
    };

    /// <summary>The host lives as long as its caller wants: signals are the caller's business.</summary>
    private sealed class CallersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
