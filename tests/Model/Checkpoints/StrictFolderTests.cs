using System.Text;
using System.Text.Json.Nodes;
using Orca.Model.Checkpoints;
using Orca.Model.Inference;
using Orca.Model.Network;
using Orca.Model.Tests.Gguf;
using Orca.Model.Tests.Network;
using Orca.Model.Weights;
using Orca.Tests.Shared;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Checkpoints;

/// <summary>Folders as people have them: every tensor and file is used, or known to change nothing, or refused by what it is.</summary>
public sealed class StrictFolderTests : IDisposable
{
    private readonly TemporaryFolder root = new();

    [Theory]
    [MemberData(nameof(FamilyShapes.Names), MemberType = typeof(FamilyShapes))]
    public void Every_family_is_published_opened_and_answers_as_it_was(string family)
    {
        var config = FamilyShapes.Of(Drafts.Config)[family];
        using var model = new ToyModel(config);
        var folder = CheckpointPublisher.Publish(root.Path, Drafts.Of(model, 1) with { WeightType = ScalarType.Float32 });
        using var checkpoint = Checkpoint.Open(folder);
        Assert.Equal(config with { WeightType = ScalarType.Float32 }, checkpoint.Config);
        int[] tokens = [.. Enumerable.Range(0, 40).Select(i => i * 7 % config.VocabularySize)];
        var wanted = new PlainLlama(config, model.Weights).Logits(tokens).SelectMany(row => row).ToArray();
        foreach (var backend in new[] { InferenceBackend.Cpu, InferenceBackend.Torch })
        {
            using var engine = InferenceModels.Load(checkpoint, new InferenceOptions { Backend = backend, Threads = 1 });
            Assert.InRange(EngineLogits.After(engine, tokens).Zip(wanted, (found, exact) => Math.Abs(found - exact)).Max(), 0, 1e-4);
        }
    }

    [Fact]
    public void What_is_computed_from_the_configuration_anyway_and_what_is_empty_changes_nothing()
    {
        var folder = Folder(Drafts.Config, extra: weights =>
        {
            weights["model.layers.0.self_attn.rotary_emb.inv_freq"] = zeros(3);
            weights["model.embeddings.position_ids"] = zeros(1, 4, ScalarType.Int64);
            weights["empty"] = zeros(0, 5);
        });
        using var checkpoint = Checkpoint.Open(folder);
        Assert.Equal(0, checkpoint.Inspect(_ => { }, CancellationToken.None).NonFiniteValues);
    }

    [Theory]
    [InlineData("model.layers.0.self_attn.q_proj.bias", "(F32 [4]), a bias that a llama of this configuration does not have")]
    [InlineData("model.layers.0.self_attn.q_norm.weight", "(F32 [4]), a norm that a llama does not have (a qwen3 has it)")]
    [InlineData("model.layers.1.mlp.down_proj.weight_scale", "a part of weights that were quantised in a way that is not read")]
    [InlineData("model.layers.1.mlp.down_proj.qweight", "a part of weights that were quantised")]
    [InlineData("model.layers.0.self_attn.q_proj.lora_A.weight", "a part of an adapter")]
    [InlineData("model.layers.2.mlp.down_proj.weight", "which a llama of this configuration does not have")]
    [InlineData("flag", "'flag' (F32 [4]), which a llama of this configuration does not have")]
    [InlineData("lm_head.weight", "another matrix than the embedding, though tie_word_embeddings says that they are one")]
    public void A_tensor_that_nobody_uses_is_refused_by_name(string name, string sentence)
    {
        var fault = Fault(Folder(Drafts.Config, extra: weights => weights[name] = ones(4)));
        Assert.Contains($"has the weight '{name}'", fault, StringComparison.Ordinal);
        Assert.Contains(sentence, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_copy_of_the_embedding_as_output_is_the_embedding()
    {
        var folder = Folder(Drafts.Config, extra: weights => weights["lm_head.weight"] = weights["model.embed_tokens.weight"].clone());
        Checkpoint.Open(folder).Dispose();
        Checkpoint.Open(folder, WeightAccess.Copied).Dispose();
    }

    [Fact]
    public void An_output_that_is_missing_is_told_with_the_word_that_ties_it()
    {
        var folder = Folder(Drafts.Config);
        ChangeConfig(folder, config => config.Remove("tie_word_embeddings"));
        Assert.Contains(
            "the weights lack 'lm_head.weight', which config.json calls for; where the output is the embedding itself, say "
                + "\"tie_word_embeddings\": true", Fault(folder),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Biases_of_queries_keys_and_values_alone_are_told_how_to_be_said()
    {
        var folder = Folder(FamilyShapes.Of(Drafts.Config)["Qwen2"]);
        ChangeConfig(folder, config => (config["model_type"], config["architectures"], config["attention_bias"]) = ("llama", null, true));
        Assert.Contains("'model.layers.0.self_attn.o_proj.bias'", Fault(folder), StringComparison.Ordinal);
        Assert.Contains("\"model_type\": \"qwen2\"", Fault(folder), StringComparison.Ordinal);
        ChangeConfig(folder, config => config["model_type"] = "qwen2");
        Checkpoint.Open(folder).Dispose();
    }

    [Theory]
    [InlineData("F8_E8M0", 1)]
    [InlineData("C64", 8)]
    [InlineData("BOOL", 1)]
    [InlineData("U8", 1)]
    public void Tensors_of_any_type_are_refused_as_what_they_are(string dtype, int bytes)
    {
        var folder = Folder(Drafts.Config);
        var path = Path.Combine(folder, ShardedWeights.SingleFileName);
        Prepend(path, $$"""{"scale":{"dtype":"{{dtype}}","shape":[1],"data_offsets":[0,{{bytes}}]}""", bytes);
        Assert.Contains($"has the weight 'scale' ({dtype} [1])", Fault(folder), StringComparison.Ordinal);
    }

    [Fact]
    public void An_embedding_longer_than_the_vocabulary_is_padding()
    {
        var folder = Folder(Drafts.Config with { VocabularySize = ToyTokenizer.VocabularySize + 234 });
        using var checkpoint = Checkpoint.Open(folder);
        Assert.Equal(ToyTokenizer.VocabularySize + 234, checkpoint.Config.VocabularySize);
    }

    [Fact]
    public void An_embedding_shorter_than_the_vocabulary_is_refused_where_a_text_needs_the_token() =>
        Assert.Contains(
            $"the tokenizer has 262 tokens, the embedding 261 rows, and token 261 stands for text",
            Fault(Folder(Drafts.Config with { VocabularySize = ToyTokenizer.VocabularySize - 1 })), StringComparison.Ordinal);

    [Fact]
    public void A_special_token_beyond_the_embedding_is_no_fault_and_a_start_or_end_there_is()
    {
        var folder = Folder(Drafts.Config with { VocabularySize = ToyTokenizer.VocabularySize });
        File.WriteAllText(Path.Combine(folder, "added_tokens.json"), $$"""{ "<pad>": {{ToyTokenizer.VocabularySize}} }""");
        using var checkpoint = Checkpoint.Open(folder);
        Assert.Equal(ToyTokenizer.VocabularySize + 1, checkpoint.Tokenizer.VocabularySize);
        Assert.Contains("token 2 stands for the start or end", VocabularyFit.Fault(2, checkpoint.Tokenizer), StringComparison.Ordinal);
    }

    [Fact]
    public void Shards_without_an_index_are_all_loaded_and_a_missing_one_is_named()
    {
        var folder = Folder(Drafts.Config);
        Split(folder, index: false);
        Checkpoint.Open(folder).Dispose();
        File.Delete(Path.Combine(folder, "model-00001-of-00002.safetensors"));
        Assert.Contains(
            "names the shard model-00001-of-00002.safetensors, which is not in the folder: its download is not complete", Fault(folder),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_shard_that_the_index_names_and_nobody_has_is_named()
    {
        var folder = Folder(Drafts.Config);
        Split(folder, index: true);
        Checkpoint.Open(folder).Dispose();
        File.Delete(Path.Combine(folder, "model-00002-of-00002.safetensors"));
        Assert.Contains("names the shard model-00002-of-00002.safetensors", Fault(folder), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 2471645608\n", "is a pointer of git-lfs to 2471645608 bytes, not the file itself; fetch it by 'git lfs pull'")]
    [InlineData("PK\u0003\u0004archive and more of it", "is PyTorch's pickle or another archive; save the model as safetensors")]
    [InlineData("<!DOCTYPE html><html><body>Sign in</body></html>", "is a web page")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "the header is not valid JSON")]
    [InlineData("GGUF and so on and on", "is a GGUF file")]
    [InlineData("\u0080\u0000\u0000\u0000\u0000\u0000\u0000\u0000{\"model.norm", "claims a header of 128 bytes; the file has 20")]
    public void Weights_that_are_something_else_are_named_as_what_they_are(string content, string sentence)
    {
        var folder = Folder(Drafts.Config);
        File.WriteAllText(Path.Combine(folder, ShardedWeights.SingleFileName), content, Encoding.Latin1);
        Assert.Contains(sentence, Fault(folder), StringComparison.Ordinal);
        Assert.Throws<ModelFormatException>(() => Checkpoint.Open(folder, WeightAccess.Copied));
    }

    [Theory]
    [InlineData("pytorch_model.bin", "holds its weights as pytorch_model.bin, which is not read; save the model as safetensors")]
    [InlineData("pytorch_model-00001-of-00002.bin", "holds its weights as pytorch_model-00001-of-00002.bin")]
    [InlineData("consolidated.00.pth", "holds its weights as consolidated.00.pth")]
    [InlineData("model.safetensors.incomplete", "and its download was broken off: begin it again")]
    public void Weights_of_another_format_are_named(string name, string sentence)
    {
        var folder = Folder(Drafts.Config);
        File.Move(Path.Combine(folder, ShardedWeights.SingleFileName), Path.Combine(folder, name));
        Assert.Contains(sentence, Fault(folder), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_the_hub_s_cache_is_the_snapshot_in_use()
    {
        var cache = Directory.CreateDirectory(root["cache"]).FullName;
        var model = Path.Combine(cache, "models--org--name");
        var snapshots = Directory.CreateDirectory(Path.Combine(model, "snapshots")).FullName;
        Directory.Move(Folder(Drafts.Config), Path.Combine(snapshots, "abc"));
        Assert.True(Checkpoint.IsModel(model));
        using (var checkpoint = Checkpoint.Open(model))
        {
            Assert.Equal(Path.Combine(snapshots, "abc"), checkpoint.Folder);
        }

        Assert.Contains(
            $"is a cache of the hub, not a model; name the model in it, such as '{model}'", Fault(cache), StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(snapshots, "older"));
        File.Copy(Path.Combine(snapshots, "abc", "config.json"), Path.Combine(snapshots, "older", "config.json"));
        Assert.Contains("holds 2 snapshots of a model and no refs/main", Fault(model), StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(model, "refs"));
        File.WriteAllText(Path.Combine(model, "refs", "main"), "abc\n");
        Checkpoint.Open(model).Dispose();
    }

    [Fact]
    public void Folders_that_are_no_whole_model_are_named_as_what_they_are()
    {
        var adapter = Directory.CreateDirectory(root["adapter"]).FullName;
        Assert.Contains("is empty; a model is a folder with config.json", Fault(adapter), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(adapter, "adapter_config.json"), "{}");
        Assert.Contains(
            "is an adapter (LoRA), which changes another model and is none itself; merge it into its base", Fault(adapter),
            StringComparison.Ordinal);
        var weights = Folder(Drafts.Config);
        File.Delete(Path.Combine(weights, "config.json"));
        Assert.Contains("holds weights, but no config.json", Fault(weights), StringComparison.Ordinal);
        File.WriteAllText(root["notes.txt"], "x");
        Assert.Contains("is a file; a model is a folder", Fault(root["notes.txt"]), StringComparison.Ordinal);
    }

    public void Dispose() => root.Dispose();

    private static string Fault(string folder)
    {
        var fault = Assert.Throws<ModelFormatException>(() => Checkpoint.Open(folder).Dispose()).Message;
        Assert.DoesNotContain('\n', fault);
        return fault;
    }

    private static void ChangeConfig(string folder, Action<JsonObject> change)
    {
        var path = Path.Combine(folder, "config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(config);
        File.WriteAllText(path, config.ToJsonString());
    }

    // A tensor before all others: what follows is not aligned any more.
    private static void Prepend(string path, string first, int bytes)
    {
        var file = File.ReadAllBytes(path);
        var length = (int)BitConverter.ToInt64(file);
        var header = JsonNode.Parse(file.AsSpan(8, length))!.AsObject();
        foreach (var (_, entry) in header.Where(entry => entry.Key != "__metadata__"))
        {
            entry!["data_offsets"] = new JsonArray((long)entry["data_offsets"]![0]! + bytes, (long)entry["data_offsets"]![1]! + bytes);
        }

        var text = Encoding.UTF8.GetBytes($"{first},{header.ToJsonString()[1..]}");
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)text.Length), .. text, .. new byte[bytes], .. file[(8 + length)..]]);
    }

    private static void Split(string folder, bool index)
    {
        using var scope = NewDisposeScope();
        var single = Path.Combine(folder, ShardedWeights.SingleFileName);
        var map = new JsonObject();
        using (var file = SafetensorsFile.Open(single))
        {
            foreach (var (names, shard) in file.Names.Order().Chunk((file.Names.Count() / 2) + 1).Select((names, i) => (names, $"model-{i + 1:D5}-of-00002.safetensors")))
            {
                SafetensorsWriter.Write(Path.Combine(folder, shard), names.ToDictionary(name => name, file.Map));
                Array.ForEach(names, name => map[name] = shard);
            }
        }

        File.Delete(single);
        if (index)
        {
            File.WriteAllText(Path.Combine(folder, ShardedWeights.IndexFileName), new JsonObject { ["weight_map"] = map }.ToJsonString());
        }
    }

    /// <summary>A model folder as one from elsewhere, without a manifest.</summary>
    private string Folder(LlamaConfig config, Action<Dictionary<string, Tensor>>? extra = null)
    {
        using var scope = NewDisposeScope();
        using var model = new ToyModel(config);
        var folder = root[Guid.NewGuid().ToString("N")];
        Directory.Move(
            CheckpointPublisher.Publish(root["published"], Drafts.Of(model, 1) with { WeightType = ScalarType.Float32 }), folder);
        Directory.Delete(root["published"], recursive: true);
        File.Delete(Path.Combine(folder, "orca.json"));
        if (extra is not null)
        {
            var weights = model.Weights.ToDictionary(pair => pair.Key, pair => pair.Value);
            extra(weights);
            File.Delete(Path.Combine(folder, ShardedWeights.SingleFileName));
            SafetensorsWriter.Write(Path.Combine(folder, ShardedWeights.SingleFileName), weights);
        }

        return folder;
    }
}
