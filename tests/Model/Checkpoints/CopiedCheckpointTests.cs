using Orca.Model.Checkpoints;
using Orca.Model.Network;
using Orca.Model.Tests.Network;
using Orca.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Checkpoints;

/// <summary>Weights that are copied: what is in memory is what the manifest says, whoever writes to the file meanwhile.</summary>
public sealed class CopiedCheckpointTests : IDisposable
{
    private const string Weights = "model.safetensors";

    private readonly TemporaryFolder root = new();
    private readonly ToyModel model = new(Drafts.Config);

    [Fact]
    public void Copied_weights_are_the_mapped_ones()
    {
        using var scope = NewDisposeScope();
        using var mapped = Checkpoint.Open(Publish());
        using var copied = Checkpoint.Open(mapped.Folder, WeightAccess.Copied);
        var seen = new List<int>();
        var inspection = copied.Inspect(seen.Add, CancellationToken.None);
        foreach (var shape in LlamaParameters.ShapesOf(copied.Config))
        {
            Assert.True(copied.Weight(shape.Name).equal(mapped.Weight(shape.Name)).all().item<bool>(), shape.Name);
            Assert.True(copied.Rows(shape.Name).Row(0).SequenceEqual(mapped.Rows(shape.Name).Row(0)), shape.Name);
        }

        Assert.Equal(Enumerable.Range(1, copied.WeightCount), seen);
        Assert.Equal((0L, copied.Manifest!.Digests[Weights]), (inspection.NonFiniteValues, inspection.Digests[Weights]));
    }

    [Fact]
    public void Values_that_are_no_numbers_are_counted_by_weight()
    {
        var draft = Drafts.Of(model, 1);
        draft.Weights["model.norm.weight"].fill_(double.NaN);
        using var checkpoint = Checkpoint.Open(CheckpointPublisher.Publish(root.Path, draft), WeightAccess.Copied);
        var inspection = checkpoint.Inspect(_ => { }, CancellationToken.None);
        Assert.Equal([KeyValuePair.Create("model.norm.weight", (long)Drafts.Config.HiddenSize)], inspection.NonFinite);
    }

    [Fact]
    public void Pitfall_8_A_file_cut_at_any_byte_is_an_exception_and_never_the_end_of_the_process()
    {
        var folder = Publish();
        var path = Path.Combine(folder, Weights);
        var whole = File.ReadAllBytes(path);
        for (var at = 0; at < whole.Length; at += 997)
        {
            Write(path, whole);
            using var checkpoint = Checkpoint.Open(folder, WeightAccess.Copied);
            Cut(path, at);
            var fault = Assert.Throws<ModelFormatException>(() => checkpoint.Inspect(_ => { }, CancellationToken.None));
            Assert.Contains($"ends at byte {at}", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Pitfall_5_A_weight_that_changes_between_the_check_and_the_copy_is_refused()
    {
        var folder = Publish();
        var path = Path.Combine(folder, Weights);
        var whole = File.ReadAllBytes(path);
        using var original = Checkpoint.Open(folder);
        foreach (var shape in LlamaParameters.ShapesOf(Drafts.Config))
        {
            Write(path, whole);
            using var checkpoint = Checkpoint.Open(folder, WeightAccess.Copied);
            checkpoint.Inspect(_ => { }, CancellationToken.None);
            var changed = whole.Select((value, i) => i < whole.Length - Drafts.Config.ParameterCount * 2 ? value : (byte)(value ^ 1))
                .ToArray();
            Write(path, changed);
            var fault = Assert.Throws<ModelFormatException>(() => checkpoint.Weight(shape.Name));
            Assert.Contains("changed while it was read", fault.Message, StringComparison.Ordinal);
            Assert.Throws<ModelFormatException>(() => checkpoint.Rows(shape.Name));
        }
    }

    [Fact]
    public void Pitfall_5_A_weight_copied_before_the_check_is_checked_too()
    {
        var folder = Publish();
        var path = Path.Combine(folder, Weights);
        using var checkpoint = Checkpoint.Open(folder, WeightAccess.Copied);
        checkpoint.Weight("model.norm.weight");
        var bytes = File.ReadAllBytes(path);
        Write(path, [.. bytes.Select((value, i) => i < bytes.Length - Drafts.Config.ParameterCount * 2 ? value : (byte)0)]);
        Assert.Contains("changed while it was read", Assert.Throws<ModelFormatException>(
            () => checkpoint.Inspect(_ => { }, CancellationToken.None)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pitfall_8_What_is_copied_stays_when_the_file_is_overwritten_cut_and_deleted()
    {
        using var scope = NewDisposeScope();
        var folder = Publish();
        using var checkpoint = Checkpoint.Open(folder, WeightAccess.Copied);
        checkpoint.Inspect(_ => { }, CancellationToken.None);
        var wanted = LlamaParameters.ShapesOf(Drafts.Config)
            .ToDictionary(shape => shape.Name, shape => checkpoint.Weight(shape.Name).clone());
        Cut(Path.Combine(folder, Weights), 0);
        Directory.Delete(folder, recursive: true);
        Assert.All(wanted, weight => Assert.True(checkpoint.Weight(weight.Key).equal(weight.Value).all().item<bool>(), weight.Key));
    }

    [Fact]
    public unsafe void What_is_released_is_copied_again_when_it_is_asked_for_again_into_memory_used_before()
    {
        var path = root["file"];
        File.WriteAllBytes(path, [.. Enumerable.Range(0, 100_000).Select(i => (byte)i)]);
        using var file = MappedFile.Open(path, 1, "test", WeightAccess.Copied);
        var (first, other) = ((nint)file.Part(1, 50_000, "U8"), (nint)file.Part(50_001, 40_000, "U8"));
        Assert.Equal((1, 81), (((byte*)first)[0], ((byte*)other)[0]));
        Assert.Equal(first, (nint)file.Part(1, 50_000, "U8"));
        file.Release(1, 50_000);
        var again = file.Part(60_000, 30_000, "U8");
        Assert.Equal((first, 96), ((nint)again, again[0]));
        Assert.Equal(1, file.Part(1, 50_000, "U8")[0]);
        file.Release(60_000, 30_000);
        file.Trim();
        Assert.Equal(96, file.Part(60_000, 30_000, "U8")[0]);
    }

    [Fact]
    public void A_cast_network_keeps_no_copy_of_what_it_was_cast_from_and_leaves_no_tensor_behind()
    {
        var folder = Publish();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var checkpoint = Checkpoint.Open(folder, WeightAccess.Copied))
        {
            checkpoint.Inspect(_ => { }, CancellationToken.None);
            using var cast = checkpoint.LoadModel(ScalarType.Float32, CPU);
            using var same = checkpoint.LoadModel(ScalarType.BFloat16, CPU);
            Assert.Equal((Drafts.Config.ParameterCount * 4, 0L), (cast.OwnedBytes, same.OwnedBytes));
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    public void Dispose()
    {
        model.Dispose();
        root.Dispose();
    }

    private string Publish() => CheckpointPublisher.Publish(root.Path, Drafts.Of(model, 1));

    /// <summary>Into the same file, as no tool of ours does.</summary>
    private static void Write(string path, byte[] bytes)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(bytes.Length);
        file.Write(bytes);
    }

    private static void Cut(string path, long length)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(length);
    }
}
