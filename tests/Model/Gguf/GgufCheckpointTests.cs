using Orca.Model.Checkpoints;
using Orca.Model.Gguf;
using Orca.Model.Inference;
using Orca.Model.Network;
using Orca.Model.Prompting;
using Orca.Model.Tests.Network;
using Orca.Model.Weights;
using Orca.Tests.Shared;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Gguf;

public sealed class GgufCheckpointTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_model_comes_back_from_a_file_of_full_precision_as_it_went_in(bool tied)
    {
        var config = TinyGguf.Config with { TiedEmbeddings = tied, RopeTheta = 12_345, RmsNormEpsilon = 1e-6 };
        using var wanted = Checkpoint.Open(TinyGguf.Publish(folder["root"], config));
        GgufExport.Write(wanted, folder["a.gguf"], WeightEncoding.F32);
        using var found = Checkpoint.Open(folder["a.gguf"]);
        Assert.Equal(wanted.Config with { WeightType = ScalarType.Float32 }, found.Config with { WeightType = ScalarType.Float32 });
        Assert.Equal(wanted.Tokenizer.Encode("ab ba\n é"), found.Tokenizer.Encode("ab ba\n é"));
        Assert.Equal((wanted.Tokenizer.BosId, wanted.Tokenizer.EosId), (found.Tokenizer.BosId, found.Tokenizer.EosId));
        Assert.Equal(
            wanted.Template.Prompt(wanted.Tokenizer, "Be brief.", "What?"), found.Template.Prompt(found.Tokenizer, "Be brief.", "What?"));
        Assert.Null(found.Manifest);
        foreach (var shape in LlamaParameters.ShapesOf(config))
        {
            using var scope = NewDisposeScope();
            Assert.True(wanted.Weight(shape.Name).allclose(found.Weight(shape.Name), 0, 0), shape.Name);
            AssertSameRows(wanted.Rows(shape.Name), found.Rows(shape.Name));
        }

        Assert.Equal(Tell(wanted), Tell(found));
    }

    [Theory]
    [MemberData(nameof(FamilyShapes.Names), MemberType = typeof(FamilyShapes))]
    public void Every_family_comes_back_from_a_file_or_is_refused_by_what_GGUF_cannot_say(string family)
    {
        var config = FamilyShapes.Of(TinyGguf.Config)[family];
        if (TinyGguf.Unsayable(config) is { } word)
        {
            Assert.Contains(
                word, Assert.Throws<ModelFormatException>(() => TinyGguf.Export(folder, config, WeightEncoding.F32)).Message,
                StringComparison.Ordinal);
            return;
        }

        using var model = new ToyModel(config);
        using var found = Checkpoint.Open(TinyGguf.Export(folder, config, WeightEncoding.F32));
        Assert.Equal(config.ShortestWindow ?? config.MaxPositions, found.Config.MaxPositions);
        int[] tokens = [.. Enumerable.Range(0, Math.Min(60, found.Config.MaxPositions)).Select(i => i * 7 % config.VocabularySize)];
        var wanted = new PlainLlama(config, model.Weights).Logits(tokens).SelectMany(row => row).ToArray();
        foreach (var backend in new[] { InferenceBackend.Cpu, InferenceBackend.Torch })
        {
            using var engine = InferenceModels.Load(found, new InferenceOptions { Backend = backend, Threads = 1 });
            Assert.InRange(EngineLogits.After(engine, tokens).Zip(wanted, (a, b) => Math.Abs(a - b)).Max(), 0, 2e-4);
        }
    }

    [Fact]
    public void Biases_of_a_LLaMA_s_queries_and_keys_lie_in_rotary_neighbours_and_a_Qwen_s_in_halves()
    {
        using var scope = NewDisposeScope();
        foreach (var (family, isPaired) in new[] { ("LLaMA with all biases", true), ("Qwen2", false) })
        {
            var config = FamilyShapes.Of(TinyGguf.Config)[family];
            using var model = new ToyModel(config);
            using var file = GgufFile.Open(TinyGguf.Export(folder, config, WeightEncoding.F32, family + ".gguf"));
            var stored = new float[config.Heads * config.HeadDim];
            file.Rows(file.Tensors["blk.0.attn_q.bias"], pairedHeadDim: 0).ReadFloats(0, stored);
            var bias = model.Weights["model.layers.0.self_attn.q_proj.bias"];
            var wanted = isPaired ? bias.view(config.Heads, 2, config.HeadDim / 2).transpose(1, 2).reshape(-1) : bias;
            Assert.Equal(wanted.data<float>().ToArray(), stored);
        }
    }

    [Fact]
    public void A_window_that_a_file_names_is_kept()
    {
        using var file = GgufFile.Open(Changed(("llama.attention.sliding_window", 9u)));
        var config = GgufConfig.Read(file);
        Assert.Equal((9, ModelFamily.Mistral), (config.WindowOf(0), config.Family));
    }

    [Fact]
    public void Yarn_is_read_as_llama_cpp_computes_it()
    {
        using var file = GgufFile.Open(Changed(
            ("llama.rope.scaling.type", "yarn"), ("llama.rope.scaling.factor", 4f), ("llama.rope.scaling.original_context_length", 8u),
            ("llama.rope.scaling.attn_factor", 0.5f)));
        var yarn = Assert.IsType<RopeScaling.Yarn>(GgufConfig.Read(file).RopeScaling);
        Assert.Equal((4, 8), (yarn.Factor, yarn.OriginalMaxPositions));
        Assert.Equal(0.5 * ((0.1 * Math.Log(4)) + 1), yarn.AttentionFactor, 1e-9);
    }

    [Fact]
    public void A_factor_without_a_type_is_a_linear_one()
    {
        using var file = GgufFile.Open(Changed(("llama.rope.scaling.factor", 4f)));
        Assert.Equal(new RopeScaling.Linear(4), GgufConfig.Read(file).RopeScaling);
    }

    [Fact]
    public void A_conversion_that_is_given_up_leaves_nothing_and_one_that_is_not_replaces_nothing()
    {
        using var checkpoint = Checkpoint.Open(TinyGguf.Publish(folder["run"], TinyGguf.Config));
        using var given = new CancellationTokenSource();
        given.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            GgufExport.Write(checkpoint, folder["a.gguf"], WeightEncoding.F32, null, given.Token));
        Assert.Empty(Directory.GetFiles(folder.Path));

        File.WriteAllText(folder["a.gguf"], "mine");
        Assert.Throws<IOException>(() => GgufExport.Write(checkpoint, folder["a.gguf"], WeightEncoding.F32));
        Assert.Equal("mine", File.ReadAllText(Assert.Single(Directory.GetFiles(folder.Path))));
    }

    [Fact]
    public void Queries_and_keys_lie_in_the_file_as_llama_cpp_turns_them()
    {
        using var checkpoint = Checkpoint.Open(TinyGguf.Publish(folder["root"], TinyGguf.Config));
        GgufExport.Write(checkpoint, folder["a.gguf"], WeightEncoding.F32);
        using var file = GgufFile.Open(folder["a.gguf"]);
        using var scope = NewDisposeScope();
        foreach (var (name, huggingFace, heads) in new[]
        {
            ("blk.1.attn_q.weight", "model.layers.1.self_attn.q_proj.weight", TinyGguf.Config.Heads),
            ("blk.1.attn_k.weight", "model.layers.1.self_attn.k_proj.weight", TinyGguf.Config.KvHeads),
        })
        {
            // As its converter has it: heads × halves × pairs becomes heads × pairs × halves.
            var wanted = checkpoint.Weight(huggingFace).view(heads, 2, TinyGguf.Config.HeadDim / 2, -1)
                .transpose(1, 2).reshape(-1, TinyGguf.Config.HiddenSize);
            var rows = file.Rows(file.Tensors[name], pairedHeadDim: 0);
            var values = new float[rows.Columns];
            for (var row = 0; row < rows.Rows; row++)
            {
                rows.ReadFloats(row, values);
                Assert.Equal(wanted[row].data<float>().ToArray(), values);
            }
        }
    }

    [Theory]
    [InlineData(WeightEncoding.F16, 1.0 / 2048)]
    [InlineData(WeightEncoding.BF16, 1.0 / 256)]
    [InlineData(WeightEncoding.Q8_0, 1.0 / 254 + (1.0 / 2048))]
    [InlineData(WeightEncoding.Q4_0, 1.0 / 8 + (1.0 / 2048))]
    public void Encoded_weights_are_off_by_no_more_than_the_encoding_rounds(WeightEncoding encoding, double ofLargest)
    {
        using var wanted = Checkpoint.Open(TinyGguf.Publish(folder["root"], TinyGguf.Config));
        GgufExport.Write(wanted, folder["a.gguf"], encoding);
        using var found = Checkpoint.Open(folder["a.gguf"]);
        using var scope = NewDisposeScope();
        foreach (var shape in LlamaParameters.ShapesOf(TinyGguf.Config).Where(shape => !shape.IsVector))
        {
            Assert.Equal(encoding, found.Rows(shape.Name).Encoding);
            // The largest of each block of 32 sets what its values are rounded to.
            var blocks = wanted.Weight(shape.Name).view(-1, 32);
            var off = (found.Weight(shape.Name).to_type(ScalarType.Float32).view(-1, 32) - blocks).abs();
            var most = blocks.abs().amax([1L], keepdim: true) * ofLargest;
            Assert.True((off <= most).all().item<bool>(), shape.Name);
            Assert.True(off.sum().item<float>() > 0);
        }
    }

    [Fact]
    public void Rows_that_are_no_whole_blocks_are_kept_in_sixteen_bits()
    {
        var path = TinyGguf.Export(folder, TinyGguf.Config with { IntermediateSize = 40 }, WeightEncoding.Q4_0);
        using var checkpoint = Checkpoint.Open(path);
        Assert.Equal(WeightEncoding.F16, checkpoint.Rows("model.layers.0.mlp.down_proj.weight").Encoding);
        Assert.Equal(WeightEncoding.Q4_0, checkpoint.Rows("model.layers.0.mlp.up_proj.weight").Encoding);
    }

    [Fact]
    public void A_copied_file_gives_what_a_mapped_one_gives_and_is_inspected_alike()
    {
        var path = TinyGguf.Export(folder, TinyGguf.Config, WeightEncoding.Q4_0);
        using var mapped = Checkpoint.Open(path);
        using var copied = Checkpoint.Open(path, WeightAccess.Copied);
        Assert.Equal(0, copied.Inspect(_ => { }, CancellationToken.None).NonFiniteValues);
        foreach (var shape in LlamaParameters.ShapesOf(TinyGguf.Config))
        {
            AssertSameRows(mapped.Rows(shape.Name), copied.Rows(shape.Name));
            copied.Release(shape.Name);
        }

        Assert.Equal(Tell(mapped), Tell(copied));
        Assert.Equal(mapped.TokenizerHash, copied.TokenizerHash);
    }

    [Fact]
    public void A_folder_with_one_file_is_that_file_and_with_two_is_no_model()
    {
        Directory.CreateDirectory(folder["in"]);
        var path = folder[Path.Combine("in", "a.gguf")];
        File.Move(TinyGguf.Export(folder, TinyGguf.Config, WeightEncoding.F32), path);
        Assert.True(Checkpoint.IsModel(folder["in"]));
        using (var checkpoint = Checkpoint.Open(folder["in"]))
        {
            Assert.Equal(path, checkpoint.Folder);
        }

        File.Copy(path, folder[Path.Combine("in", "b.gguf")]);
        Assert.False(Checkpoint.IsModel(folder["in"]));
        Assert.Contains("several GGUF files", TinyGguf.Fault(folder["in"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Stretched_rotary_frequencies_come_back()
    {
        RopeScaling[] scalings = [new RopeScaling.Linear(4), new RopeScaling.Llama3(8, 1, 4, 8192), new RopeScaling.Llama3(32, 1, 4, 8192)];
        foreach (var (index, scaling) in scalings.Index())
        {
            var config = TinyGguf.Config with { RopeScaling = scaling, RopeTheta = 500_000 };
            using var checkpoint = Checkpoint.Open(TinyGguf.Export(folder, config, WeightEncoding.F32, $"{index}.gguf"));
            Assert.Equal(scaling, checkpoint.Config.RopeScaling);
        }
    }

    [Fact]
    public void What_cannot_be_said_or_is_not_supported_is_refused()
    {
        var dynamic = TinyGguf.Config with { RopeScaling = new RopeScaling.Dynamic(2, 32) };
        Assert.Contains(
            "dynamic", Assert.Throws<ModelFormatException>(() => TinyGguf.Export(folder, dynamic, WeightEncoding.F32, "d.gguf")).Message,
            StringComparison.Ordinal);
        Assert.Contains("is 'phi3'; supported are 'llama'", WithChanges(("general.architecture", "phi3")), StringComparison.Ordinal);
        Assert.Contains(
            "is 'longrope'; supported are none, linear and yarn", WithChanges(("llama.rope.scaling.type", "longrope")),
            StringComparison.Ordinal);
        Assert.Contains("is 'wpm'; supported are 'llama'", WithChanges(("tokenizer.ggml.model", "wpm")), StringComparison.Ordinal);
        Assert.Contains(
            "llama.rope.dimension_count is 8; only models", WithChanges(("llama.rope.dimension_count", 8u)), StringComparison.Ordinal);
        Assert.Contains("llama.block_count is missing", WithChanges(("llama.block_count", null)), StringComparison.Ordinal);
        Assert.Contains("lacks the tensor 'blk.2.attn_norm.weight'", WithChanges(("llama.block_count", 3u)), StringComparison.Ordinal);
        Assert.Contains("has the tensor 'blk.1.", WithChanges(("llama.block_count", 1u)), StringComparison.Ordinal);
        Assert.Contains("num_attention_heads", WithChanges(("llama.attention.head_count", 0u)), StringComparison.Ordinal);
        Assert.Contains("mixtures of experts", WithChanges(("llama.expert_count", 4u)), StringComparison.Ordinal);
        Assert.Contains("llama.logit_scale is not understood", WithChanges(("llama.logit_scale", 2f)), StringComparison.Ordinal);
        Assert.Contains(
            "yarn_log_multiplier is 0.5", WithChanges(
                ("llama.rope.scaling.type", "yarn"), ("llama.rope.scaling.factor", 4f), ("llama.rope.scaling.yarn_log_multiplier", 0.5f)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_of_another_shape_than_the_metadata_says_are_refused() =>
        Assert.Contains("the file's metadata needs [80, 64]", WithChanges(("llama.feed_forward_length", 80u)), StringComparison.Ordinal);

    public void Dispose() => folder.Dispose();

    private static List<int> Tell(Checkpoint checkpoint)
    {
        using var loaded = checkpoint.LoadModel(ScalarType.Float32, CPU);
        return Greedy.Decode(loaded.Network, 1, 20);
    }

    private static void AssertSameRows(IWeightRows wanted, IWeightRows found)
    {
        var (a, b) = (new float[wanted.Columns], new float[found.Columns]);
        for (var row = 0; row < wanted.Rows; row++)
        {
            wanted.ReadFloats(row, a);
            found.ReadFloats(row, b);
            Assert.Equal(a, b);
        }
    }

    // The same model with other metadata; null leaves a value out.
    private string WithChanges(params (string Key, object? Value)[] changes) => TinyGguf.Fault(Changed(changes));

    private string Changed(params (string Key, object? Value)[] changes)
    {
        var config = TinyGguf.Config;
        var values = new Dictionary<string, object?>
        {
            ["general.architecture"] = "llama",
            ["llama.context_length"] = 32u,
            ["llama.embedding_length"] = (uint)config.HiddenSize,
            ["llama.feed_forward_length"] = (uint)config.IntermediateSize,
            ["llama.block_count"] = (uint)config.Layers,
            ["llama.attention.head_count"] = (uint)config.Heads,
            ["llama.attention.head_count_kv"] = (uint)config.KvHeads,
            ["llama.attention.layer_norm_rms_epsilon"] = 1e-5f,
            ["tokenizer.ggml.model"] = "llama",
        };
        foreach (var (key, value) in changes)
        {
            values[key] = value;
        }

        return TinyGguf.Write(folder["changed.gguf"], writer =>
        {
            foreach (var (key, value) in values.Where(pair => pair.Value is not null))
            {
                Add(writer, key, value!);
            }

            string[] pieces = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 261).Select(id => $"p{id}")];
            writer.Add("tokenizer.ggml.tokens", pieces);
            foreach (var shape in LlamaParameters.ShapesOf(config))
            {
                writer.AddTensor(GgufNames.Of(shape.Name), WeightEncoding.F32, shape.Shape, (_, to) => to.Fill(1));
            }
        });
    }

    private static void Add(GgufWriter writer, string key, object value)
    {
        switch (value)
        {
            case string text:
                writer.Add(key, text);
                break;
            case uint whole:
                writer.Add(key, whole);
                break;
            default:
                writer.Add(key, (float)value);
                break;
        }
    }
}
