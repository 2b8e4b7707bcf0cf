using Orca.Model.Checkpoints;
using Orca.Model.Tests.Network;

namespace Orca.Model.Tests.Checkpoints;

public sealed class CheckpointRootTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ToyModel model = new(Drafts.Config);

    private string Root => folder["checkpoints"];

    [Fact]
    public void A_root_that_does_not_exist_is_empty()
    {
        var root = new CheckpointRoot(Root);
        Assert.Null(root.Latest());
        Assert.Empty(root.List());
        root.Prune(1);
    }

    [Fact]
    public void Checkpoints_are_listed_by_step_and_nothing_else_is()
    {
        Publish(10, 9, 100_000_001);
        Directory.CreateDirectory(Path.Combine(Root, "step-00000011"));
        Directory.CreateDirectory(Path.Combine(Root, "step-12"));
        Directory.CreateDirectory(Path.Combine(Root, ".step-00000013-abc"));
        Directory.CreateDirectory(Path.Combine(Root, "notes"));
        Assert.Equal(["step-00000009", "step-00000010", "step-100000001"], new CheckpointRoot(Root).List().Select(Path.GetFileName));
    }

    [Fact]
    public void The_pointer_decides_which_is_the_latest()
    {
        Publish(10, 9);
        Assert.EndsWith("step-00000009", new CheckpointRoot(Root).Latest(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("step-000")]
    [InlineData("step-00000099\n")]
    [InlineData("../elsewhere")]
    [InlineData("\0\0\0")]
    public void A_torn_pointer_falls_back_to_the_newest_whole_checkpoint(string? pointer)
    {
        Publish(1, 2, 3);
        File.Delete(Path.Combine(Root, "step-00000003", "model.safetensors"));
        File.Delete(Path.Combine(Root, "latest"));
        if (pointer is not null)
        {
            File.WriteAllText(Path.Combine(Root, "latest"), pointer);
        }

        Assert.EndsWith("step-00000002", new CheckpointRoot(Root).Latest(), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(Root, "step-00000002", "orca.json"), "{");
        Assert.EndsWith("step-00000001", new CheckpointRoot(Root).Latest(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("step-00000099\n", "names 'step-00000099', which is not there")]
    [InlineData("step-00000003\n", "names 'step-00000003', which lacks 'model.safetensors'")]
    [InlineData("newest", "names 'newest', which is no checkpoint's name")]
    [InlineData("-> step-00000077", "names 'step-00000077', which is not there")]
    [InlineData(null, "step-00000003' is passed over: it lacks 'model.safetensors'")]
    public async Task A_watcher_is_told_once_why_what_claims_to_be_the_latest_is_passed_over(string? pointer, string reason)
    {
        Publish(1, 2, 3);
        File.Delete(Path.Combine(Root, "step-00000003", "model.safetensors"));
        File.Delete(Path.Combine(Root, "latest"));
        if (pointer is ['-', '>', ' ', .. var target])
        {
            File.CreateSymbolicLink(Path.Combine(Root, "latest"), target);
        }
        else if (pointer is not null)
        {
            File.WriteAllText(Path.Combine(Root, "latest"), pointer);
        }

        var (given, told) = await WatchAsync(until: (_, told) => told.Count > 0);
        Assert.Equal(["step-00000002"], given);
        var sentence = Assert.Single(told);
        Assert.Contains(reason, sentence);
        Assert.EndsWith("; 'step-00000002' is taken instead.", sentence);
    }

    [Fact]
    public async Task A_folder_that_is_deleted_and_made_again_is_watched_on()
    {
        Publish(1);
        var (given, told) = await WatchAsync(until: (given, _) =>
        {
            if (given.Count == 1 && Directory.Exists(Root) && new CheckpointRoot(Root).List().Count == 1)
            {
                Directory.Delete(Root, recursive: true);
                Publish(2);
            }

            return given.Count == 2;
        });
        Assert.Equal(["step-00000001", "step-00000002"], given);
        Assert.Empty(told);
    }

    [Fact]
    public void A_link_to_a_checkpoint_is_a_pointer_and_a_folder_of_its_name_is_none()
    {
        Publish(1, 2);
        File.Delete(Path.Combine(Root, "latest"));
        Directory.CreateSymbolicLink(Path.Combine(Root, "latest"), "step-00000001");
        Assert.EndsWith("step-00000001", new CheckpointRoot(Root).Latest(), StringComparison.Ordinal);
        Directory.Delete(Path.Combine(Root, "latest"));
        Directory.CreateSymbolicLink(Path.Combine(Root, "latest"), "step-00000077");
        Assert.EndsWith("step-00000002", new CheckpointRoot(Root).Latest(), StringComparison.Ordinal);
        File.Delete(Path.Combine(Root, "latest"));
        Directory.CreateDirectory(Path.Combine(Root, "latest"));
        Assert.EndsWith("step-00000002", new CheckpointRoot(Root).Latest(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wanted_again_is_given_again()
    {
        Publish(1);
        var asked = 0;
        var (given, _) = await WatchAsync(until: (given, _) => given.Count == 2, isWantedAgain: () => ++asked == 3);
        Assert.Equal(["step-00000001", "step-00000001"], given);
        Assert.Equal(3, asked);
    }

    [Fact]
    public void Pruning_keeps_the_newest_and_the_one_pointed_to()
    {
        Publish(1, 2, 3, 4, 5);
        File.WriteAllText(Path.Combine(Root, "latest"), "step-00000002\n");
        new CheckpointRoot(Root).Prune(2);
        Assert.Equal(
            ["latest", "step-00000002", "step-00000004", "step-00000005"],
            Directory.EnumerateFileSystemEntries(Root).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_checkpoint_that_is_open_can_be_pruned()
    {
        Publish(1, 2);
        using var checkpoint = Checkpoint.Open(new CheckpointRoot(Root).List()[0]);
        new CheckpointRoot(Root).Prune(1);
        using var sum = checkpoint.Weight("model.embed_tokens.weight").sum();
        Assert.True(float.IsFinite(sum.to(TorchSharp.torch.float32).item<float>()));
    }

    [Theory]
    [InlineData(0.02)]
    [InlineData(3600)]
    public async Task A_watcher_sees_every_checkpoint_that_comes_to_stay(double pollSeconds)
    {
        // Slow polling leaves it to the operating system's reports; the root exists then, or nothing could report.
        Directory.CreateDirectory(pollSeconds > 1 ? Root : folder.Path);
        var root = new CheckpointRoot(Root, pollInterval: TimeSpan.FromSeconds(pollSeconds));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        stop.CancelAfter(TimeSpan.FromSeconds(30));
        var step = 1;
        var seen = new List<string>();
        var first = Task.Run(() => Publish(step));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var path in root.WatchAsync(stop.Token))
            {
                seen.Add(Path.GetFileName(path));
                if (step == 3)
                {
                    await stop.CancelAsync();
                }
                else
                {
                    Publish(++step);
                }
            }
        });
        await first;
        Assert.Equal(["step-00000001", "step-00000002", "step-00000003"], seen);
    }

    /// <summary>What a watcher is given, and what it is told, until that is enough.</summary>
    private async Task<(List<string> Given, List<string> Told)> WatchAsync(
        Func<List<string>, List<string>, bool> until, Func<bool>? isWantedAgain = null)
    {
        var (given, told) = (new List<string>(), new List<string>());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        stop.CancelAfter(TimeSpan.FromSeconds(30));
        bool Look()
        {
            if (until(given, told))
            {
                stop.Cancel();
            }

            return isWantedAgain?.Invoke() ?? false;
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var path in new CheckpointRoot(Root, pollInterval: TimeSpan.FromMilliseconds(20)).WatchAsync(told.Add, Look, stop.Token))
            {
                given.Add(Path.GetFileName(path));
                if (until(given, told))
                {
                    await stop.CancelAsync();
                }
            }
        });
        return (given, told);
    }

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    private void Publish(params long[] steps)
    {
        foreach (var step in steps)
        {
            CheckpointPublisher.Publish(Root, Drafts.Of(model, step));
        }
    }
}
