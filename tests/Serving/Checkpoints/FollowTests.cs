using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Hosting;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Checkpoints;

public class FollowTests
{
    [Fact]
    public async Task Between_two_loads_lies_an_interval_and_only_the_newest_is_loaded_after_it()
    {
        using var publisher = new Publisher();
        var clock = new FakeTimeProvider();
        publisher.PublishRandom(1, seed: 1);
        await using var server = StudentServer.Follow(
            publisher.Root, new EngineOptions(), NullLoggerFactory.Instance, clock, new LoadingOptions { MinInterval = TimeSpan.FromHours(1) });
        await server.WaitForStepAsync(1, TestContext.Current.CancellationToken);
        for (var step = 2; step <= 5; step++)
        {
            publisher.PublishRandom(step, seed: step);
        }

        clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(1, server.Versions.Active!.TrainerStep);
        await Patience.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            return server.Versions.Active!.TrainerStep == 5;
        });
        Assert.Equal([5L, 1L], server.Versions.List().Select(record => record.TrainerStep));
    }

    [Fact]
    public async Task A_rejected_checkpoint_is_left_alone_until_the_next_appears()
    {
        using var publisher = new Publisher();
        publisher.PublishSpeller(1, "abc");
        await using var server = StudentServer.Follow(
            publisher.Root, new EngineOptions(), NullLoggerFactory.Instance, loading: new LoadingOptions { MinInterval = TimeSpan.Zero, MaxProbeDivergence = 1 });
        await server.WaitForStepAsync(1, TestContext.Current.CancellationToken);
        publisher.PublishSpeller(2, "cba");
        await Patience.UntilAsync(() => server.Versions.Find(2)?.State == VersionState.Rejected);
        publisher.PublishSpeller(3, "abc");
        await server.WaitForStepAsync(3, TestContext.Current.CancellationToken);
        Assert.Equal([VersionState.Active, VersionState.Rejected, VersionState.Ready], server.Versions.List().Select(record => record.State));
    }
}
