using Orca.Model.Checkpoints;
using Orca.Model.Tests.Network;

namespace Orca.Model.Tests.Checkpoints;

public sealed class CheckpointPublisherTests : IDisposable
{
    private readonly TemporaryFolder root = new();
    private readonly ToyModel model = new(Drafts.Config);

    [Fact]
    public void A_full_disk_leaves_nothing_behind_and_the_latest_as_it_was()
    {
        CheckpointPublisher.Publish(root.Path, Drafts.Of(model, 1));
        var full = Drafts.Of(model, 2, new CheckpointExtra("trainer", _ => throw new IOException("No space left on device.")));
        var fault = Assert.Throws<CheckpointException>(() => CheckpointPublisher.Publish(root.Path, full));
        Assert.Equal($"Checkpoint '{root["step-00000002"]}' was not published: No space left on device.", fault.Message);
        Assert.Equal(["latest", "step-00000001"], Names());
        Assert.Equal(root["step-00000001"], new CheckpointRoot(root.Path).Latest());
    }

    [Fact]
    public void A_fault_that_is_no_disk_s_passes_through_and_leaves_nothing_behind()
    {
        var broken = Drafts.Of(model, 2, new CheckpointExtra("trainer", _ => throw new InvalidDataException("a bug")));
        Assert.Throws<InvalidDataException>(() => CheckpointPublisher.Publish(root.Path, broken));
        Assert.Empty(Names());
    }

    [Fact]
    public void A_root_that_cannot_be_made_is_named()
    {
        File.WriteAllText(root["file"], "");
        var fault = Assert.Throws<CheckpointException>(() => CheckpointPublisher.Publish(root["file"], Drafts.Of(model, 1)));
        Assert.Contains(root["file"], fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_is_published_once()
    {
        CheckpointPublisher.Publish(root.Path, Drafts.Of(model, 1));
        var before = File.GetLastWriteTimeUtc(root["step-00000001/model.safetensors"]);
        Assert.Contains(
            "is published already",
            Assert.Throws<CheckpointException>(() => CheckpointPublisher.Publish(root.Path, Drafts.Of(model, 1))).Message,
            StringComparison.Ordinal);
        Assert.Equal(before, File.GetLastWriteTimeUtc(root["step-00000001/model.safetensors"]));
    }

    [Fact]
    public void A_publisher_killed_before_it_moved_the_pointer_may_publish_the_step_again()
    {
        CheckpointPublisher.Publish(root.Path, Drafts.Of(model, 1));
        CheckpointPublisher.Publish(root.Path, Drafts.Of(model, 2));
        File.WriteAllText(root["latest"], "step-00000001\n");
        Directory.CreateDirectory(root[".step-00000002-0123"]);
        File.WriteAllText(root[".step-00000002-0123/model.safetensors"], "half");

        Assert.Equal(root["step-00000001"], new CheckpointRoot(root.Path).Latest());
        CheckpointPublisher.Publish(root.Path, Drafts.Of(model, 2));
        Assert.Equal(root["step-00000002"], new CheckpointRoot(root.Path).Latest());
        Assert.Equal(["latest", "step-00000001", "step-00000002"], Names());
    }

    [Fact]
    public void The_same_draft_gives_the_same_files()
    {
        using var other = new TemporaryFolder();
        var one = CheckpointPublisher.Publish(root.Path, Drafts.Of(model, 1));
        var two = CheckpointPublisher.Publish(other.Path, Drafts.Of(model, 1));
        Assert.Equal(File.ReadAllText(Path.Combine(one, "orca.json")), File.ReadAllText(Path.Combine(two, "orca.json")));
    }

    public void Dispose()
    {
        model.Dispose();
        root.Dispose();
    }

    private IEnumerable<string?> Names() =>
        Directory.EnumerateFileSystemEntries(root.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal);
}
