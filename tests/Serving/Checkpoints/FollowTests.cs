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
            publisher.Root, new EngineOptions(), NullLoggerFactory.Instance, clock,
            new LoadingOptions { MinInterval = TimeSpan.FromHours(1) });
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

    // As somebody copies it by hand: its name and its manifest are there before its last byte is.
    [Fact]
    public async Task A_copy_that_was_refused_half_way_is_loaded_when_it_has_been_completed()
    {
        using var publisher = new Publisher();
        publisher.PublishSpeller(1, "abc");
        await using var server = StudentServer.Follow(
            publisher.Root, new EngineOptions(), NullLoggerFactory.Instance, loading: new LoadingOptions { MinInterval = TimeSpan.Zero });
        await server.WaitForStepAsync(1, TestContext.Current.CancellationToken);
        var made = publisher.PublishSpellerElsewhere(2, "cba");
        var whole = await File.ReadAllBytesAsync(Path.Combine(made, "model.safetensors"), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(made, "model.safetensors"), whole[..^100], TestContext.Current.CancellationToken);
        var copy = publisher.MoveHere(made);
        await Patience.UntilAsync(() => server.Versions.Find(2)?.State == VersionState.Rejected);

        await File.WriteAllBytesAsync(Path.Combine(copy, "model.safetensors"), whole, TestContext.Current.CancellationToken);
        await server.WaitForStepAsync(2, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void What_could_not_be_read_is_tried_again_ever_more_rarely()
    {
        using var publisher = new Publisher();
        var clock = new FakeTimeProvider();
        RefusedCheckpoint? refused = null;
        foreach (var seconds in new[] { 2, 4, 8, 16, 32, 64, 128, 256, 300, 300 })
        {
            refused = RefusedCheckpoint.For(publisher.Root, new IOException("the share is away"), clock, refused);
            clock.Advance(TimeSpan.FromSeconds(seconds - 1));
            Assert.False(refused.IsDue(clock.GetTimestamp(), isNeeded: false));
            clock.Advance(TimeSpan.FromSeconds(1));
            Assert.True(refused.IsDue(clock.GetTimestamp(), isNeeded: false));
        }

        // Too little memory would pause what answers each time, where loading is in place.
        var memory = RefusedCheckpoint.For(publisher.Root, new OutOfMemoryException(), clock, null);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(
            (false, true), (memory.IsDue(clock.GetTimestamp(), isNeeded: false), memory.IsDue(clock.GetTimestamp(), isNeeded: true)));
    }

    [Fact]
    public async Task A_rejected_checkpoint_is_left_alone_until_the_next_appears()
    {
        using var publisher = new Publisher();
        publisher.PublishSpeller(1, "abc");
        await using var server = StudentServer.Follow(
            publisher.Root, new EngineOptions(), NullLoggerFactory.Instance,
            loading: new LoadingOptions { MinInterval = TimeSpan.Zero, MaxProbeDivergence = 1 });
        await server.WaitForStepAsync(1, TestContext.Current.CancellationToken);
        publisher.PublishSpeller(2, "cba");
        await Patience.UntilAsync(() => server.Versions.Find(2)?.State == VersionState.Rejected);
        publisher.PublishSpeller(3, "abc");
        await server.WaitForStepAsync(3, TestContext.Current.CancellationToken);
        Assert.Equal(
            [VersionState.Active, VersionState.Rejected, VersionState.Ready], server.Versions.List().Select(record => record.State));
    }
}
