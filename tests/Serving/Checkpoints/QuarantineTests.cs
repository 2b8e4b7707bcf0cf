using Orca.Model.Checkpoints;
using Orca.Serving.Checkpoints;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Checkpoints;

public sealed class QuarantineTests : IDisposable
{
    private readonly Publisher publisher = new();
    private readonly Quarantine quarantine = new(TimeProvider.System);

    [Fact]
    public void Bad_content_is_known_again_wherever_it_lies()
    {
        var bad = publisher.PublishRandom(1, seed: 1);
        var good = publisher.PublishRandom(2, seed: 2);
        quarantine.AddDigest(CheckpointManifest.Read(bad)!.Digest, "it is bad");
        Directory.Move(bad, Path.Combine(publisher.Root, "elsewhere"));

        Assert.Equal("it is bad", quarantine.ReasonFor(Path.Combine(publisher.Root, "elsewhere")));
        Assert.Null(quarantine.ReasonFor(good));
    }

    [Fact]
    public void Damaged_files_are_known_again_until_they_are_written_anew()
    {
        var folder = publisher.PublishRandom(1, seed: 1);
        quarantine.AddFiles(folder, "it is damaged");
        Assert.Equal("it is damaged", quarantine.ReasonFor(folder));

        var weights = Path.Combine(folder, "model.safetensors");
        File.SetLastWriteTimeUtc(weights, File.GetLastWriteTimeUtc(weights).AddSeconds(1));
        Assert.Null(quarantine.ReasonFor(folder));
    }

    [Fact]
    public void A_folder_that_is_gone_or_damaged_beyond_its_manifest_is_not_known()
    {
        var folder = publisher.PublishRandom(1, seed: 1);
        quarantine.AddDigest("0", "something else is bad");
        File.WriteAllText(Path.Combine(folder, "orca.json"), "{");
        Assert.Null(quarantine.ReasonFor(folder));
        quarantine.AddFiles(Path.Combine(publisher.Root, "nowhere"), "it is gone");
        Assert.Null(quarantine.ReasonFor(Path.Combine(publisher.Root, "nowhere")));
    }

    [Fact]
    public void It_forgets_the_oldest_beyond_a_thousand()
    {
        var folder = publisher.PublishRandom(1, seed: 1);
        quarantine.AddDigest(CheckpointManifest.Read(folder)!.Digest, "it is bad");
        for (var i = 0; i < Quarantine.Kept - 1; i++)
        {
            quarantine.AddDigest($"{i}", "another");
        }

        Assert.NotNull(quarantine.ReasonFor(folder));
        quarantine.AddDigest("one more", "another");
        Assert.Null(quarantine.ReasonFor(folder));
    }

    public void Dispose() => publisher.Dispose();
}
