using Orca.Model.Checkpoints;
using Orca.Model.Tests.Network;

namespace Orca.Model.Tests.Checkpoints;

public sealed class CheckpointCopyTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ToyModel model = new(Drafts.Config);

    private string Root => folder["checkpoints"];

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_copy_is_a_whole_checkpoint_of_its_own_step_with_the_same_weights()
    {
        var source = CheckpointPublisher.Publish(Root, Drafts.Of(model, 3));
        var copy = CheckpointCopy.Publish(source, Root, 8, DateTimeOffset.UnixEpoch);

        Assert.Equal(copy, new CheckpointRoot(Root).Latest());
        using var opened = Checkpoint.Open(copy);
        Assert.Equal((8, "step-00000003"), (opened.Manifest!.Step, opened.Manifest.Parent));
        Assert.Equal(
            CheckpointManifest.Read(source)!.Digests["model.safetensors"], opened.Manifest.Digests["model.safetensors"]);
    }

    [Fact]
    public void A_folder_from_elsewhere_becomes_a_checkpoint()
    {
        var source = CheckpointPublisher.Publish(folder["elsewhere"], Drafts.Of(model, 3));
        var template = CheckpointManifest.Read(source)!.TemplateHash;
        File.Delete(Path.Combine(source, "orca.json"));
        using var copy = Checkpoint.Open(CheckpointCopy.Publish(source, Root, 1, DateTimeOffset.UnixEpoch));
        Assert.Equal((1, template), (copy.Manifest!.Step, copy.Manifest.TemplateHash));
    }

    [Fact]
    public void A_published_step_is_not_written_over()
    {
        var source = CheckpointPublisher.Publish(Root, Drafts.Of(model, 3));
        Assert.Throws<CheckpointException>(() => CheckpointCopy.Publish(source, Root, 3, DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public void A_deleted_copy_is_gone_and_nothing_else_is()
    {
        var source = CheckpointPublisher.Publish(Root, Drafts.Of(model, 3));
        CheckpointCopy.Delete(CheckpointCopy.Publish(source, Root, 4, DateTimeOffset.UnixEpoch));
        Assert.Equal([source], Directory.GetDirectories(Root));
        Assert.Equal(source, new CheckpointRoot(Root).Latest());
    }
}
