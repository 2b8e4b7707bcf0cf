using Microsoft.Extensions.Logging.Abstractions;
using Orca.Serving.Batching;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Hosting;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Engine;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Hosting;

/// <summary>A server that contradicts itself ends, and whoever runs it is told.</summary>
public class CompletionTests
{
    [Fact]
    public async Task An_engine_whose_state_is_broken_ends_the_server()
    {
        using var publisher = new Publisher();
        await using var server = StudentServer.Follow(publisher.Root, new EngineOptions(), NullLoggerFactory.Instance);
        var model = new TracingModel(1, 8) { Running = (_, _) => throw new EngineInvariantException("a test") };
        await server.Engine.InstallAsync(new StudentVersion(
            server.Versions.Begin("by hand"), ToyStudent.LanguageOf(Bytes.VocabularySize), model, files: null));
        await server.Engine.ActivateAsync(1);
        Assert.False(server.Completion.IsCompleted);

        await Assert.ThrowsAsync<GenerationException>(() => server.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken, 2)));
        await Assert.ThrowsAsync<EngineInvariantException>(() => server.Completion.WaitAsync(
            TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Work_that_goes_on_by_itself_and_fails_is_noticed_before_the_end()
    {
        var work = new BackgroundTasks();
        work.Start(() => Task.CompletedTask);
        await work.EndAsync();
        Assert.False(work.Broken.IsCompleted);

        work.Start(() => throw new EngineInvariantException("a test"));
        await Assert.ThrowsAsync<EngineInvariantException>(() => work.Broken.WaitAsync(
            TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        await work.EndAsync();
    }

    [Fact]
    public async Task A_server_that_is_stopped_has_not_failed()
    {
        using var publisher = new Publisher();
        publisher.PublishSpeller(1, "ab");
        var server = StudentServer.Follow(publisher.Root, new EngineOptions(), NullLoggerFactory.Instance);
        var host = await ServingHost.StartAsync(
            server, new ServingOptions { Port = 0, HttpPort = 0, StopGrace = TimeSpan.Zero }, NullLoggerFactory.Instance);
        await host.DisposeAsync();
        await server.DisposeAsync();
        Assert.Equal((TaskStatus.RanToCompletion, false), (server.Completion.Status, host.Broken.IsCompleted));
    }
}
