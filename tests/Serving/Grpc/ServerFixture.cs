using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Protocol.Curriculum.V1;
using Orca.Protocol.Inference.V1;
using Orca.Protocol.Model.V1;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Hosting;
using Orca.Serving.Tests.Students;
using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Control;

namespace Orca.Serving.Tests.Grpc;

/// <summary>A server on a port of its own that follows a folder of checkpoints, and a channel to it.</summary>
internal sealed class ServerFixture : IAsyncDisposable
{
    private readonly ServingHost host;

    private ServerFixture(Publisher publisher, StudentServer student, ServingHost host, SocketsHttpHandler? handler)
    {
        (Checkpoints, Student, this.host) = (publisher, student, host);
        Channel = GrpcChannel.ForAddress(host.Endpoint, new GrpcChannelOptions { HttpHandler = handler });
        Inference = new InferenceService.InferenceServiceClient(Channel);
        Model = new ModelService.ModelServiceClient(Channel);
        Curriculum = new CurriculumService.CurriculumServiceClient(Channel);
    }

    public Publisher Checkpoints { get; }

    public StudentServer Student { get; }

    public GrpcChannel Channel { get; }

    public InferenceService.InferenceServiceClient Inference { get; }

    public ModelService.ModelServiceClient Model { get; }

    public CurriculumService.CurriculumServiceClient Curriculum { get; }

    public Uri Endpoint => host.Endpoint;

    public Uri HttpEndpoint => host.HttpEndpoint;

    /// <summary>Starts a server without any version.</summary>
    public static async Task<ServerFixture> StartEmptyAsync(EngineOptions? options = null, ICurriculumControl? control = null)
    {
        var publisher = new Publisher();
        var student = StudentServer.Follow(
            publisher.Root, options ?? new EngineOptions(), NullLoggerFactory.Instance, loading: LoadingOf(publisher));
        var host = await ServingHost.StartAsync(
            student, new ServingOptions { Port = 0, HttpPort = 0, StopGrace = TimeSpan.Zero }, NullLoggerFactory.Instance, control);
        return new ServerFixture(publisher, student, host, handler: null);
    }

    /// <summary>Starts a server with its own options of hosting, and waits until a version that spells a text answers.</summary>
    public static async Task<ServerFixture> StartAsync(
        string text, ServingOptions hosting, SocketsHttpHandler? handler = null, ILoggerFactory? loggers = null,
        EngineOptions? options = null)
    {
        var publisher = new Publisher();
        publisher.PublishSpeller(1, text);
        var student = StudentServer.Follow(
            publisher.Root, options ?? new EngineOptions(), loggers ?? NullLoggerFactory.Instance, loading: LoadingOf(publisher));
        var host = await ServingHost.StartAsync(
            student, hosting with { Port = 0, HttpPort = 0, StopGrace = TimeSpan.Zero }, loggers ?? NullLoggerFactory.Instance);
        var server = new ServerFixture(publisher, student, host, handler);
        await server.ServesAsync(1);
        return server;
    }

    /// <summary>Starts a server and waits until its first version, which spells a text, answers.</summary>
    public static async Task<ServerFixture> StartAsync(string text, bool endless = false, int context = 256, EngineOptions? options = null)
    {
        var server = await StartEmptyAsync(options);
        server.Checkpoints.PublishSpeller(1, text, endless, context);
        await server.ServesAsync(1);
        return server;
    }

    private static LoadingOptions LoadingOf(Publisher publisher) =>
        new() { MinInterval = TimeSpan.Zero, CheckpointFolders = [publisher.Elsewhere] };

    /// <summary>Waits until a version of this step answers.</summary>
    public async Task ServesAsync(long step)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await Student.WaitForStepAsync(step, patience.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"step {step} does not answer; known are: "
                + $"{string.Join("; ", Student.Versions.List().Select(record => $"{record.Checkpoint} {record.State} {record.Reason}"))}");
        }
    }

    /// <summary>A greedy request that continues a text after the start token.</summary>
    public static GenerationSpec Greedy(string text = "", uint? maxTokens = null)
    {
        var spec = new GenerationSpec { Text = text, Sampling = new SamplingParams { Temperature = 0 }, Stopping = new StoppingParams() };
        if (maxTokens is { } limit)
        {
            spec.Stopping.MaxTokens = limit;
        }

        return spec;
    }

    public AsyncServerStreamingCall<StreamGenerateResponse> Stream(GenerationSpec spec, CancellationToken cancellationToken = default) =>
        Inference.StreamGenerate(new StreamGenerateRequest { Spec = spec }, cancellationToken: cancellationToken);

    /// <summary>Stops the server; the channel stays.</summary>
    public ValueTask StopAsync() => host.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await host.DisposeAsync();
        await Student.DisposeAsync();
        Checkpoints.Dispose();
    }
}
