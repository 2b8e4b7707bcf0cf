using Orca.Model.Checkpoints;
using Orca.Model.Gguf;
using Orca.Model.Network;
using Orca.Model.Weights;

namespace Orca.Model.Tests.Gguf;

public sealed class GgufSplitTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string whole;
    private readonly string[] parts;

    public GgufSplitTests()
    {
        whole = TinyGguf.Export(folder, TinyGguf.Config, WeightEncoding.Q8_0);
        Directory.CreateDirectory(folder["model"]);
        parts = SplitGguf.Write(whole, Path.Combine(folder["model"], "toy"), 3);
    }

    [Theory]
    [InlineData(WeightAccess.Mapped)]
    [InlineData(WeightAccess.Copied)]
    public void A_model_is_the_same_whole_or_split_whichever_part_or_folder_is_named(WeightAccess access)
    {
        using var one = Checkpoint.Open(whole, access);
        var wanted = one.Inspect(_ => { }, CancellationToken.None).Hashes;
        foreach (var path in parts.Append(folder["model"]))
        {
            Assert.True(Checkpoint.IsModel(path));
            using var split = Checkpoint.Open(path, access);
            Assert.Equal(one.Config, split.Config);
            Assert.Equal(wanted, split.Inspect(_ => { }, CancellationToken.None).Hashes);
            foreach (var weight in LlamaParameters.ShapesOf(one.Config))
            {
                var (own, others) = (split.Rows(weight.Name), one.Rows(weight.Name));
                Assert.All(Enumerable.Range(0, others.Rows), row => Assert.True(others.Row(row).SequenceEqual(own.Row(row))));
            }

            split.ReleaseAll();
        }
    }

    [Fact]
    public void A_missing_part_is_named_whichever_is_opened()
    {
        File.Delete(parts[1]);
        Assert.All([parts[0], parts[2], folder["model"]], path =>
            Assert.StartsWith($"'{parts[1]}' is missing: ", TinyGguf.Fault(path), StringComparison.Ordinal));
    }

    [Fact]
    public void A_part_of_another_name_is_asked_to_take_its_own_back()
    {
        File.Move(parts[1], folder["second.gguf"]);
        var fault = TinyGguf.Fault(folder["second.gguf"]);
        Assert.Contains("is part 2 of 3 of a model, so its name must end in '-00002-of-00003.gguf'", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_in_the_place_of_another_or_of_another_model_is_refused()
    {
        File.Copy(parts[2], parts[1], overwrite: true);
        Assert.Contains("says that it is part 3 of 3, not 2 of 3", TinyGguf.Fault(parts[0]), StringComparison.Ordinal);

        var other = SplitGguf.Write(
            TinyGguf.Export(folder, TinyGguf.Config with { Layers = 3 }, WeightEncoding.Q8_0, "other.gguf"), folder["other"], 3);
        File.Copy(other[1], parts[1], overwrite: true);
        Assert.Matches("says that its model has [0-9]+ tensors; the 3 parts have [0-9]+ together|and so has", TinyGguf.Fault(parts[0]));
    }

    [Fact]
    public void A_part_cut_short_is_refused_by_its_own_name()
    {
        File.WriteAllBytes(parts[2], File.ReadAllBytes(parts[2])[..^500]);
        var fault = TinyGguf.Fault(parts[0]);
        Assert.StartsWith($"'{parts[2]}' ", fault, StringComparison.Ordinal);
        Assert.Contains("may be truncated", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_models_in_a_folder_are_no_model()
    {
        SplitGguf.Write(whole, Path.Combine(folder["model"], "another"), 2);
        Assert.False(Checkpoint.IsModel(folder["model"]));
        Assert.Contains("several GGUF files", TinyGguf.Fault(folder["model"]), StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();
}
