using System.Text.Json.Nodes;
using Orca.Model.Network;
using Orca.Tests.Shared;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Network;

public sealed class LlamaConfigTests : IDisposable
{
    private readonly string path = Path.Combine(Directory.CreateTempSubdirectory("orca-").FullName, "config.json");

    private static string Llama31 => """
        { "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 128256, "hidden_size": 4096,
          "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
          "rms_norm_eps": 1e-05, "rope_theta": 500000.0, "max_position_embeddings": 131072, "hidden_act": "silu",
          "attention_bias": false, "mlp_bias": false, "tie_word_embeddings": false, "torch_dtype": "bfloat16",
          "bos_token_id": 128000, "eos_token_id": [128001, 128008, 128009], "use_cache": true, "pad_token_id": null,
          "rope_scaling": { "factor": 8.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0,
                            "original_max_position_embeddings": 8192, "rope_type": "llama3" } }
        """;

    [Fact]
    public void A_published_config_reads_in_full()
    {
        var config = Read(Llama31);
        Assert.Equal(
            (128256, 4096, 14336, 32, 32, 8, 128, 131072),
            (config.VocabularySize, config.HiddenSize, config.IntermediateSize, config.Layers, config.Heads, config.KvHeads, config.HeadDim, config.MaxPositions));
        Assert.Equal((1e-5, 500_000.0, false), (config.RmsNormEpsilon, config.RopeTheta, config.TiedEmbeddings));
        Assert.Equal(new RopeScaling.Llama3(8, 1, 4, 8192), config.RopeScaling);
        Assert.Equal(128000, config.BosId);
        Assert.Equal([128001, 128008, 128009], config.EosIds);
        Assert.Equal(ScalarType.BFloat16, config.WeightType);
        Assert.Equal(8_030_261_248, config.ParameterCount);
    }

    [Fact]
    public void What_is_written_reads_back_equal()
    {
        RopeScaling?[] scalings = [null, new RopeScaling.Linear(2), new RopeScaling.Dynamic(4, 8), new RopeScaling.Llama3(8, 1, 4, 64),
            new RopeScaling.Yarn(4, 8)];
        foreach (var scaling in scalings)
        {
            var config = ToyModel.Config with { RopeScaling = scaling, EosIds = scaling is null ? [2] : [2, 3], HeadDim = 8 };
            Assert.Equal(config, Read(config.ToJson()));
        }

        Assert.Equal(ToyModel.Config, Read(ToyModel.Config.ToJson()));
    }

    [Theory]
    [MemberData(nameof(FamilyShapes.Names), MemberType = typeof(FamilyShapes))]
    public void Every_family_is_written_as_the_one_it_came_from(string family)
    {
        var config = FamilyShapes.Of(ToyModel.Config)[family];
        var text = config.ToJson();
        Assert.Equal(config, Read(text));
        var written = JsonNode.Parse(text)!;
        Assert.Equal(config.Family.Name, (string?)written["model_type"]);
        Assert.Equal(config.Family.Architecture, (string?)written["architectures"]![0]);
    }

    [Fact]
    public void Absent_keys_have_the_family_s_defaults()
    {
        var config = Read("""
            { "vocab_size": 10, "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
              "rope_parameters": { "rope_type": "linear", "factor": 2, "rope_theta": 77 } }
            """);
        Assert.Equal(
            (2, 4, 1e-6, 77.0, 4096), (config.KvHeads, config.HeadDim, config.RmsNormEpsilon, config.RopeTheta, config.MaxPositions));
        Assert.Equal(new RopeScaling.Linear(2), config.RopeScaling);
        Assert.Null(config.BosId);
        Assert.Empty(config.EosIds);
    }

    [Theory]
    [InlineData("hidden_size", null, "has no hidden_size; it is required.")]
    [InlineData("hidden_size", "100", "hidden_size is 100; it must be a multiple of num_attention_heads, 32, where head_dim is not given.")]
    [InlineData("hidden_size", "\"x\"", "hidden_size is \"x\"; it must be a whole number of 32 bits.")]
    [InlineData("hidden_size", "1e99", "hidden_size is 1e99; it must be a whole number of 32 bits.")]
    [InlineData("vocab_size", "0", "vocab_size is 0; it must be from 1 to 16777216.")]
    [InlineData("num_attention_heads", "0", "num_attention_heads is 0; it must be from 1 to 65536.")]
    [InlineData("num_key_value_heads", "5", "num_key_value_heads is 5; it must be a divisor of num_attention_heads, 32.")]
    [InlineData("head_dim", "3", "head_dim is 3; it must be even, for rotary positions, and from 2 to 65536.")]
    [InlineData("num_hidden_layers", "2000000000", "num_hidden_layers is 2000000000; it must be from 1 to 4096.")]
    [InlineData("rms_norm_eps", "-1", "rms_norm_eps is -1; it must be positive.")]
    [InlineData("model_type", "\"gpt2\"", "model_type is 'gpt2'; it must be llama, mistral, qwen2 or qwen3.")]
    [InlineData("hidden_act", "\"gelu\"", "hidden_act is 'gelu'; it must be silu.")]
    [InlineData("eos_token_id", "[1, 128256]", "eos_token_id is 128256; it must be below vocab_size, 128256.")]
    [InlineData("bos_token_id", "true", "bos_token_id is true; it must be a whole number of 32 bits.")]
    [InlineData("partial_rotary_factor", "0.5", "partial_rotary_factor is 0.5; it must be 1.0, null or absent: what else it says is not understood.")]
    [InlineData("final_logit_softcapping", "30.0", "final_logit_softcapping is 30.0; it must be null or absent: what else it says is not understood.")]
    [InlineData("rope_scaling", "7", "rope_scaling is 7; it must be an object.")]
    [InlineData("rope_scaling", "{\"type\":\"longrope\"}", "rope_scaling: rope_type is 'longrope'; it must be default, linear, dynamic, llama3 or yarn.")]
    [InlineData("rope_scaling", "{\"type\":\"yarn\"}", "rope_scaling has no factor; it is required.")]
    [InlineData("rope_scaling", "{\"type\":\"linear\"}", "rope_scaling has no factor; it is required.")]
    [InlineData("rope_scaling", "{\"type\":\"linear\",\"factor\":0.5}", "rope_scaling: factor is 0.5; it must be at least 1.")]
    public void A_fault_is_one_sentence_that_names_file_key_and_need(string key, string? value, string sentence)
    {
        var json = JsonNode.Parse(Llama31)!.AsObject();
        json[key] = value is null ? null : JsonNode.Parse(value);
        var fault = Assert.Throws<ModelFormatException>(() => Read(json.ToJsonString()));
        Assert.EndsWith(sentence, fault.Message, StringComparison.Ordinal);
        Assert.StartsWith($"'{path}'", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"vocab_size\": }")]
    public void What_is_no_json_object_is_named(string text)
    {
        var fault = Assert.Throws<ModelFormatException>(() => Read(text));
        Assert.StartsWith($"'{path}'", fault.Message, StringComparison.Ordinal);
        Assert.Throws<ModelFormatException>(() => LlamaConfig.Read(path + ".absent"));
    }

    [Fact]
    public void A_byte_order_mark_before_it_is_read_over() => Assert.Equal(Read(Llama31).RopeScaling, Read("\uFEFF" + Llama31).RopeScaling);

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);

    private LlamaConfig Read(string json)
    {
        File.WriteAllText(path, json);
        return LlamaConfig.Read(path);
    }
}
