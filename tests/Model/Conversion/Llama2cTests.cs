using Orca.Model.Checkpoints;
using Orca.Model.Conversion;
using Orca.Model.Network;
using Orca.Model.Tests.Network;
using Orca.Tests.Shared;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Conversion;

public sealed class Llama2cTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static LlamaConfig Toy => ToyModel.Config with { VocabularySize = ToyTokenizer.VocabularySize, BosId = 1, EosIds = [2] };

    [Theory]
    [InlineData("stories260K.bin")]
    [InlineData("stories260K_v1.bin")]
    public void Stories_are_told_byte_for_byte_as_llama2_c_tells_them(string name)
    {
        var model = SharedData.Require($"checkpoints/stories260K/{name}");
        var tokenizer = SharedData.Require("checkpoints/stories260K/tok512.bin");
        var expected = File.ReadAllText(SharedData.Require("checkpoints/stories260K/expected_greedy_200.txt"));
        Llama2c.Convert(model, tokenizer, folder["out"]);

        using var checkpoint = Checkpoint.Open(folder["out"]);
        using var loaded = checkpoint.LoadModel(ScalarType.Float32, CPU);
        Assert.Equal(0, loaded.OwnedBytes);
        var tokens = Greedy.Decode(loaded.Network, checkpoint.Config.BosId!.Value, 200);
        Assert.Equal(expected, checkpoint.Tokenizer.Decode(tokens));
    }

    [Fact]
    public void A_conversion_that_is_given_up_leaves_nothing()
    {
        using var scope = NewDisposeScope();
        using var toy = new ToyModel(Toy);
        Llama2cFile.Write(folder["a.bin"], toy.Network.Config, toy.Weights, true);
        using var given = new CancellationTokenSource();
        given.Cancel();
        Assert.Throws<OperationCanceledException>(() => Llama2c.Convert(folder["a.bin"], Tokenizer(), folder["out"], null, given.Token));
        Assert.DoesNotContain(
            Directory.GetDirectories(folder.Path), path => Path.GetFileName(path).StartsWith("out", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Every_weight_lands_in_its_place(bool legacy, bool tied)
    {
        using var scope = NewDisposeScope();
        using var toy = new ToyModel(Toy with { TiedEmbeddings = tied });
        Llama2cFile.Write(folder["a.bin"], toy.Network.Config, toy.Weights, legacy);
        Llama2c.Convert(folder["a.bin"], Tokenizer(), folder["out"]);

        using var checkpoint = Checkpoint.Open(folder["out"]);
        Assert.Equal(toy.Network.Config with { WeightType = ScalarType.Float32 }, checkpoint.Config);
        foreach (var (name, wanted) in toy.Weights)
        {
            Assert.True(checkpoint.Weight(name).allclose(wanted, 0, 0), name);
        }
    }

    [Theory]
    [InlineData(true, 27)]
    [InlineData(true, 28)]
    [InlineData(true, 1000)]
    [InlineData(false, 30)]
    [InlineData(false, 255)]
    [InlineData(false, 1000)]
    public void A_truncated_file_is_named(bool legacy, int length)
    {
        WriteToy(legacy);
        using (var file = File.OpenWrite(folder["a.bin"]))
        {
            file.SetLength(length);
        }

        Assert.Contains($"has {length} bytes", Fault(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 0, 0, "hidden_size is 0")]
    [InlineData(true, 0, -1, "hidden_size is -1")]
    [InlineData(true, 2, int.MaxValue, "num_hidden_layers is 2147483647")]
    [InlineData(true, 4, 3, "num_key_value_heads is 3; it must be a divisor of num_attention_heads, 4")]
    [InlineData(true, 5, int.MinValue, "vocab_size is 0")]
    [InlineData(true, 6, -5, "max_position_embeddings is -5")]
    [InlineData(true, 6, 33, "its header calls for")]
    [InlineData(false, 1, 2, "is a llama2.c model of version 2")]
    [InlineData(false, 2, 1 << 30, "hidden_size is 1073741824")]
    [InlineData(false, 7, 263, "its header calls for")]
    public void An_absurd_header_is_named(bool legacy, int index, int value, string sentence)
    {
        WriteToy(legacy);
        var bytes = File.ReadAllBytes(folder["a.bin"]);
        BitConverter.TryWriteBytes(bytes.AsSpan(index * 4), value);
        File.WriteAllBytes(folder["a.bin"], bytes);
        Assert.Contains(sentence, Fault(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tokenizer_of_another_model_is_named()
    {
        using (var toy = new ToyModel(Toy with { VocabularySize = 300 }))
        {
            Llama2cFile.Write(folder["a.bin"], toy.Network.Config, toy.Weights, legacy: true);
        }

        var fault = Assert.Throws<ModelFormatException>(() => Llama2c.Convert(folder["a.bin"], Tokenizer(), folder["out"]));
        Assert.Contains("tokenizer.bin' has 262 tokens, the model 300", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_files_and_folders_in_use_are_named()
    {
        WriteToy(legacy: true);
        Assert.Contains(
            "absent.bin",
            Assert.Throws<ModelFormatException>(() => Llama2c.Convert(folder["absent.bin"], Tokenizer(), folder["out"])).Message,
            StringComparison.Ordinal);
        File.WriteAllText(folder["file"], "");
        Assert.Contains(
            "was not converted", Assert.Throws<ModelFormatException>(() => Llama2c.Convert(
                folder["a.bin"], Tokenizer(), folder["file/out"])).Message,
            StringComparison.Ordinal);
        Assert.Equal(
            ["a.bin", "file", "tokenizer.bin"],
            Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains(
            "is not empty", Assert.Throws<ModelFormatException>(() => Llama2c.Convert(folder["a.bin"], Tokenizer(), folder.Path)).Message,
            StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private void WriteToy(bool legacy)
    {
        using var toy = new ToyModel(Toy);
        Llama2cFile.Write(folder["a.bin"], toy.Network.Config, toy.Weights, legacy);
    }

    private string Fault()
    {
        var fault = Assert.Throws<ModelFormatException>(() => Llama2c.Convert(folder["a.bin"], Tokenizer(), folder["out"])).Message;
        Assert.StartsWith($"'{folder["a.bin"]}'", fault, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault);
        return fault;
    }

    private string Tokenizer() => ToyTokenizer.Write(folder["tokenizer.bin"]);
}
