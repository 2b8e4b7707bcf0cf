using System.Text.Json.Nodes;
using Orca.Model.Checkpoints;
using Orca.Model.Network;
using Orca.Model.Prompting;
using Orca.Model.Tests.Network;
using Orca.Model.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Checkpoints;

public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder root = new();
    private readonly ToyModel model = new(Drafts.Config);

    [Fact]
    public void What_is_published_opens_again()
    {
        var draft = Drafts.Of(
            model, 12, new CheckpointExtra("trainer", folder => File.WriteAllText(Path.Combine(folder, "state.bin"), "moments")));
        var folder = CheckpointPublisher.Publish(root.Path, draft);
        Assert.Equal(root["step-00000012"], folder);
        Assert.Equal("step-00000012\n", File.ReadAllText(root["latest"]));

        using var checkpoint = Checkpoint.Open(folder);
        Assert.Equal(folder, checkpoint.Folder);
        Assert.Equal(draft.Config with { WeightType = ScalarType.BFloat16 }, checkpoint.Config);
        Assert.Equal(PromptTemplates.Headings, checkpoint.Template);
        Assert.Equal(ToyTokenizer.VocabularySize, checkpoint.Tokenizer.VocabularySize);
        var manifest = checkpoint.Manifest!;
        Assert.Equal((12, "step-00000011", 9, draft.Created, PromptTemplates.Headings.Hash),
            (manifest.Step, manifest.Parent, manifest.CurriculumRevision, manifest.Created, manifest.TemplateHash));
        Assert.Contains("trainer/state.bin", manifest.Digests.Keys);
        Assert.Equal("moments", File.ReadAllText(Path.Combine(checkpoint.Extra("trainer"), "state.bin")));
        Assert.Throws<ModelFormatException>(() => checkpoint.Extra("curriculum"));
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1e-6)]
    [InlineData(ScalarType.BFloat16, 0.05)]
    public void A_loaded_network_computes_as_the_one_that_was_published(ScalarType onDisk, double tolerance)
    {
        using var scope = NewDisposeScope();
        var folder = CheckpointPublisher.Publish(root.Path, Drafts.Of(model, 1) with { WeightType = onDisk });
        using var checkpoint = Checkpoint.Open(folder);
        using var loaded = checkpoint.LoadModel(ScalarType.Float32, CPU);
        Assert.Equal(onDisk == ScalarType.Float32, loaded.OwnedBytes == 0);

        var tokens_BT = tensor(new long[] { 1, 7, 90, 4 }).view(1, 4);
        using var attention = new PackedAttention(ones_like(tokens_BT));
        var logits = loaded.Network.Logits(loaded.Network.Hidden(tokens_BT, arange(4, ScalarType.Int64).view(1, 4), attention));
        var wanted = model.Logits([1, 7, 90, 4]).to_type(ScalarType.Float32);
        Assert.True(((logits - wanted).abs().max() / wanted.abs().max()).item<float>() < tolerance);
    }

    [Fact]
    public void Opening_loading_and_disposing_leaves_no_tensor_behind()
    {
        var folder = CheckpointPublisher.Publish(root.Path, Drafts.Of(model, 1));
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var checkpoint = Checkpoint.Open(folder))
        {
            using var mapped = checkpoint.LoadModel(ScalarType.BFloat16, CPU);
            using var cast = checkpoint.LoadModel(ScalarType.Float32, CPU);
            Assert.Equal(0, mapped.OwnedBytes);
            Assert.Equal(Drafts.Config.ParameterCount * 4, cast.OwnedBytes);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_folder_from_elsewhere_needs_no_manifest()
    {
        var folder = CheckpointPublisher.Publish(root.Path, Drafts.Of(model, 1));
        File.Delete(Path.Combine(folder, "orca.json"));
        File.Delete(Path.Combine(folder, "generation_config.json"));
        using var checkpoint = Checkpoint.Open(folder);
        Assert.Null(checkpoint.Manifest);
        Assert.Throws<ModelFormatException>(() => checkpoint.Extra("trainer"));
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    [InlineData("tokenizer.model")]
    [InlineData("prompt_template.json")]
    public void A_changed_or_missing_file_is_named(string name)
    {
        var folder = CheckpointPublisher.Publish(root.Path, Drafts.Of(model, 1));
        var path = Path.Combine(folder, name);
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Contains($"'{path}' has SHA-256", Fault(folder), StringComparison.Ordinal);
        File.Delete(path);
        Assert.Contains($"'{path}' is missing", Fault(folder), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vocab_size", 500, "weight 'model.embed_tokens.weight' is [264, 24]; config.json needs [500, 24]")]
    [InlineData("vocab_size", 261, "the tokenizer has 262 tokens, the embedding 261 rows, and token 261 stands for text")]
    [InlineData("vocab_size", 263, "weight 'model.embed_tokens.weight' is [264, 24]; config.json needs [263, 24]")]
    [InlineData("intermediate_size", 41, "weight 'model.layers.0.mlp.gate_proj.weight' is [40, 24]; config.json needs [41, 24]")]
    [InlineData("num_hidden_layers", 3, "the weights lack 'model.layers.2.input_layernorm.weight'")]
    [InlineData("num_key_value_heads", 4, "weight 'model.layers.0.self_attn.k_proj.weight' is [12, 24]; config.json needs [24, 24]")]
    public void Parts_that_do_not_fit_are_named(string key, int value, string sentence)
    {
        var folder = CheckpointPublisher.Publish(root.Path, Drafts.Of(model, 1));
        File.Delete(Path.Combine(folder, "orca.json"));
        var path = Path.Combine(folder, "config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!;
        config[key] = value;
        File.WriteAllText(path, config.ToJsonString());
        Assert.Contains(sentence, Fault(folder), StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_of_another_kind_are_named()
    {
        using var scope = NewDisposeScope();
        var folder = CheckpointPublisher.Publish(root.Path, Drafts.Of(model, 1));
        File.Delete(Path.Combine(folder, "orca.json"));
        var weights = Path.Combine(folder, ShardedWeights.SingleFileName);
        File.Delete(weights);
        SafetensorsWriter.Write(weights, model.Weights.ToDictionary(pair => pair.Key, pair => pair.Value.to_type(ScalarType.Int8)));
        Assert.Contains("has dtype I8; it must be one of BF16, F16, F32, F64", Fault(folder), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "is malformed")]
    [InlineData("null", "holds null")]
    [InlineData("[]", "is malformed")]
    [InlineData("""{ "step": 1 }""", "is malformed")]
    [InlineData("""{ "step": 1, "digests": null, "templateHash": "", "created": "2026-01-01T00:00:00Z" }""", "is malformed")]
    [InlineData("""{ "step": 1, "digests": { "../x": "" }, "templateHash": "", "created": "2026-01-01T00:00:00Z" }""", "'../x'")]
    [InlineData("""{ "step": 1, "digests": { "/etc/passwd": "" }, "templateHash": "", "created": "2026-01-01T00:00:00Z" }""", "'/etc/passwd'")]
    [InlineData("""{ "step": 1, "digests": { "x": null }, "templateHash": "", "created": "2026-01-01T00:00:00Z" }""", "'x'")]
    [InlineData("""{ "step": 1, "digests": {}, "templateHash": "other", "created": "2026-01-01T00:00:00Z" }""", "its prompt template is not the one")]
    public void A_malformed_manifest_is_named(string manifest, string sentence)
    {
        var folder = CheckpointPublisher.Publish(root.Path, Drafts.Of(model, 1));
        File.WriteAllText(Path.Combine(folder, "orca.json"), manifest);
        Assert.Contains(sentence, Fault(folder), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{ /* mine */ "serving": { "port": 1 }, }""")]
    public void Settings_of_the_same_name_are_no_manifest(string settings)
    {
        var folder = CheckpointPublisher.Publish(root.Path, Drafts.Of(model, 1));
        File.WriteAllText(Path.Combine(folder, "orca.json"), settings);
        using var checkpoint = Checkpoint.Open(folder);
        Assert.Null(checkpoint.Manifest);
    }

    [Fact]
    public void A_folder_that_is_none_is_named() =>
        Assert.Contains("is not a folder", Fault(root["absent"]), StringComparison.Ordinal);

    public void Dispose()
    {
        model.Dispose();
        root.Dispose();
    }

    private static string Fault(string folder)
    {
        var fault = Assert.Throws<ModelFormatException>(() => Checkpoint.Open(folder)).Message;
        Assert.StartsWith($"'{folder}", fault, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault);
        return fault;
    }
}
