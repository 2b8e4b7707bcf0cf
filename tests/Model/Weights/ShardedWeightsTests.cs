using Orca.Model.Weights;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Weights;

public sealed class ShardedWeightsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("orca-").FullName;

    public ShardedWeightsTests()
    {
        Shard("one.safetensors", ("a", 1), ("b", 2));
        Shard("two.safetensors", ("c", 3));
    }

    [Fact]
    public void Tensors_come_from_the_shards_that_the_index_names()
    {
        Index("""{ "metadata": { "total_size": 12 }, "weight_map": { "a": "one.safetensors", "b": "one.safetensors", "c": "two.safetensors" } }""");
        using var weights = ShardedWeights.Open(folder);
        Assert.Equal(["a", "b", "c"], weights.Names);
        Assert.Equal(3f, weights.Map("c").item<float>());
        Assert.Equal("F32", weights.DtypeName("a"));
        Assert.Equal([1L], weights.Shape("b"));
    }

    [Fact]
    public void A_byte_order_mark_before_the_index_is_read_over()
    {
        Index("\uFEFF" + """{ "weight_map": { "a": "one.safetensors", "b": "one.safetensors", "c": "two.safetensors" } }""");
        using var weights = ShardedWeights.Open(folder);
        Assert.Equal(["a", "b", "c"], weights.Names);
    }

    [Fact]
    public void One_file_needs_no_index()
    {
        Shard(ShardedWeights.SingleFileName, ("a", 5));
        using var weights = ShardedWeights.Open(folder);
        Assert.Equal(5f, weights.Map("a").item<float>());
    }

    [Theory]
    [InlineData("""{ "weight_map": { "a": "three.safetensors" } }""", "names the shard three.safetensors, which is not in the folder")]
    [InlineData("""{ "weight_map": { "a": "two.safetensors" } }""", "puts tensor 'a' into two.safetensors, which does not hold it")]
    [InlineData("""{ "weight_map": { "a": "../one.safetensors" } }""", "it must be a file of the same folder")]
    [InlineData("""{ "weight_map": { "a": "" } }""", "it must be a file of the same folder")]
    [InlineData("""{ "weight_map": { "a": 3 } }""", "has no weight_map from tensor names to file names")]
    [InlineData("""{ "weight_map": [] }""", "has no weight_map from tensor names to file names")]
    [InlineData("[]", "has no weight_map from tensor names to file names")]
    [InlineData("{", "cannot be read as JSON")]
    public void A_malformed_index_is_one_sentence(string index, string sentence)
    {
        Index(index);
        var fault = Assert.Throws<ModelFormatException>(() => ShardedWeights.Open(folder));
        Assert.Contains(sentence, fault.Message, StringComparison.Ordinal);
        Assert.Contains(ShardedWeights.IndexFileName, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_weights_is_named() =>
        Assert.Contains(
            $"'{folder}' holds neither", Assert.Throws<ModelFormatException>(() => ShardedWeights.Open(folder)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_shard_s_tensors_are_all_the_model_s_whatever_the_index_leaves_out()
    {
        Index("""{ "weight_map": { "a": "one.safetensors" } }""");
        using var weights = ShardedWeights.Open(folder);
        Assert.Equal(2f, weights.Map("b").item<float>());
        Assert.False(weights.Contains("c"));
        Assert.Contains("has no tensor 'c'", Assert.Throws<ModelFormatException>(() => weights.Map("c")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_in_two_files_is_the_one_that_the_index_names_and_without_an_index_a_fault()
    {
        Shard("model-00001-of-00002.safetensors", ("a", 1), ("b", 2));
        Shard("model-00002-of-00002.safetensors", ("b", 3));
        Index("""{ "weight_map": { "a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors" } }""");
        using (var weights = ShardedWeights.Open(folder))
        {
            Assert.Equal(3f, weights.Map("b").item<float>());
        }

        File.Delete(Path.Combine(folder, ShardedWeights.IndexFileName));
        Assert.Contains(
            "has the tensor 'b' in two files", Assert.Throws<ModelFormatException>(() => ShardedWeights.Open(folder)).Message,
            StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private void Shard(string name, params (string Name, float Value)[] tensors)
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(Path.Combine(folder, name), tensors.ToDictionary(item => item.Name, item => full(1, item.Value)));
    }

    private void Index(string json) => File.WriteAllText(Path.Combine(folder, ShardedWeights.IndexFileName), json);
}
