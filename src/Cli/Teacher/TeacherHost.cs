using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orca.Cli.Teacher.Batches;
using Orca.Cli.Teacher.Faults;

namespace Orca.Cli.Teacher;

/// <summary>Where a simulated endpoint listens, and what it keeps.</summary>
internal sealed record TeacherPlace
{
    /// <summary>The port on loopback; 0 for any that is free.</summary>
    public int Port { get; init; }

    /// <summary>Where its books are gone on with, and written at the end; null for nowhere.</summary>
    public string? BooksFile { get; init; }

    /// <summary>Where its files and batches lie, and are gone on with; null for a folder that goes when it ends.</summary>
    public string? StateFolder { get; init; }
}

/// <summary>The built-in solver on HTTP, of OpenAI's interface, on loopback. Stops when disposed, and then writes its books.</summary>
internal sealed class TeacherHost : IAsyncDisposable
{
    // What OpenAI takes as the file of a batch.
    private const long MaxRequestBytes = 200L << 20;

    private readonly WebApplication _app;
    private readonly TeacherDescription _description;
    private readonly ScaledTime _time;
    private readonly ImmutableArray<ServedModel> _models;
    private readonly TeacherPlace _place;
    private readonly string _state;
    private readonly BatchShelf _batches;
    private volatile FaultRules _faults;

    private TeacherHost(TeacherDescription description, QuestionIndex questions, TeacherPlace place, TimeProvider time)
    {
        (_description, _place) = (description, place);
        _time = new ScaledTime(time, description.TimeScale);
        _faults = new FaultRules(description.Faults, _time);
        _models = [.. description.Models.Select(model => new ServedModel(new SolverModel(model, questions), _time))];
        _state = place.StateFolder ?? Directory.CreateTempSubdirectory("orca-teacher-").FullName;
        Books = Books.Read(place.BooksFile);
        if (place.BooksFile is { } books)
        {
            // Told now, not when they are to be written at the end.
            Books.Check(books);
        }

        var models = _models.ToFrozenDictionary(model => model.Settings.Name);
        var callers = new Callers(description.Keys);
        var (folder, seed) = (new StateFolder(_state), description.Seed);
        var files = new FileShelf(folder);
        _batches = new BatchShelf(
            folder, files, new BatchWork(models, () => _faults, Books, seed, _time), TimeSpan.FromSeconds(description.BatchSeconds),
            _time);
        var chat = new ChatService(models, callers, Books, () => _faults, seed, _time);
        _app = Build();
        _app.MapPost("/v1/chat/completions", (RequestDelegate)chat.AnswerAsync);
        new ModelRoutes(description.Models, callers).Map(_app);
        new BatchRoutes(files, _batches, callers).Map(_app);
        MapOwn();
    }

    /// <summary>Its books.</summary>
    public Books Books { get; }

    /// <summary>Where it listens, with the port it was given: what a teacher's base URL is, less <c>v1</c>.</summary>
    public Uri Endpoint => new(
        _app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());

    /// <summary>Starts to listen.</summary>
    /// <param name="description">What the endpoint is like.</param>
    /// <param name="questions">The questions that it knows.</param>
    /// <param name="place">Where it listens, and what it keeps.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<TeacherHost> StartAsync(
        TeacherDescription description, QuestionIndex questions, TeacherPlace place, TimeProvider time, CancellationToken cancellationToken)
    {
        var host = new TeacherHost(description, questions, place, time);
        try
        {
            await host._app.StartAsync(cancellationToken);
            return host;
        }
        catch
        {
            await host.ReleaseAsync();
            throw;
        }
    }

    /// <summary>Other faults from now on.</summary>
    public void Replace(ImmutableArray<FaultRule> faults) => _faults = new FaultRules(faults, _time);

    /// <summary>Ends all calls, then writes the books.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(patience.Token);
        await ReleaseAsync();
        if (_place.BooksFile is { } file)
        {
            Books.Write(file);
        }
    }

    private async Task ReleaseAsync()
    {
        await _app.DisposeAsync();
        await _batches.DisposeAsync();
        foreach (var model in _models)
        {
            model.Dispose();
        }

        if (_place.StateFolder is null)
        {
            Directory.Delete(_state, recursive: true);
        }
    }

    private WebApplication Build()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBytes;
            // Who reads slowly is served slowly.
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, _place.Port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, CallersLifetime>();
        return builder.Build();
    }

    // What no other endpoint has: its books, and its faults, which can be mended while it runs.
    private void MapOwn()
    {
        _app.MapGet("/books", (RequestDelegate)(context => context.Response.WriteAsJsonAsync(new BooksContent(Books.Rows), Books.Form)));
        _app.MapPut("/faults", (RequestDelegate)ReplaceAsync);
        _app.Map("/{**path}", (RequestDelegate)(context => Refusal.Of(
                404, $"Unknown request URL: {context.Request.Method} {context.Request.Path}.", "invalid_request_error", "unknown_url")
            .WriteAsync(context)));
    }

    private async Task ReplaceAsync(HttpContext context)
    {
        try
        {
            var rules = await JsonSerializer.DeserializeAsync<ImmutableArray<FaultRule>>(
                context.Request.Body, DescriptionFile.Form, context.RequestAborted);
            if (rules.IsDefault || rules.Any(rule => rule is null))
            {
                throw new Commands.CommandException("PUT /faults wants a list of rules, such as [{\"fault\": \"500\", \"every\": 20}].");
            }

            DescriptionFile.Check(_description with { Faults = rules }, "PUT /faults");
            Replace(rules);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (Exception failure) when (failure is JsonException or Commands.CommandException)
        {
            await Refusal.Of(400, DescriptionFile.SentenceOf(failure), "invalid_request_error", null).WriteAsync(context);
        }
    }

    /// <summary>The host lives as long as its caller wants: signals are the caller's business.</summary>
    private sealed class CallersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
