using System.Text.Json.Nodes;
using Orca.Model.Network;

namespace Orca.Model.Tests.Network;

/// <summary>What the config.json of each family says of its network: used, known to change nothing, or refused by name.</summary>
public sealed class FamilyConfigTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    // As published, but for the sizes.
    private static string Qwen25 => """
        { "architectures": ["Qwen2ForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 1, "eos_token_id": 2, "hidden_act": "silu",
          "hidden_size": 24, "initializer_range": 0.02, "intermediate_size": 40, "max_position_embeddings": 32768, "max_window_layers": 21,
          "model_type": "qwen2", "num_attention_heads": 4, "num_hidden_layers": 2, "num_key_value_heads": 2, "rms_norm_eps": 1e-06,
          "rope_theta": 1000000.0, "sliding_window": 131072, "tie_word_embeddings": true, "torch_dtype": "bfloat16",
          "transformers_version": "4.43.1", "use_cache": true, "use_sliding_window": false, "vocab_size": 53 }
        """;

    private static string Qwen3 => """
        { "architectures": ["Qwen3ForCausalLM"], "attention_bias": false, "attention_dropout": 0.0, "bos_token_id": 1, "eos_token_id": 2,
          "head_dim": 128, "hidden_act": "silu", "hidden_size": 24, "initializer_range": 0.02, "intermediate_size": 40,
          "max_position_embeddings": 40960, "max_window_layers": 28, "model_type": "qwen3", "num_attention_heads": 4, "num_hidden_layers": 2,
          "num_key_value_heads": 2, "rms_norm_eps": 1e-06, "rope_scaling": null, "rope_theta": 1000000, "sliding_window": null,
          "tie_word_embeddings": false, "torch_dtype": "bfloat16", "transformers_version": "4.51.0", "use_cache": true,
          "use_sliding_window": false, "vocab_size": 53 }
        """;

    private static string Mistral => """
        { "architectures": ["MistralForCausalLM"], "bos_token_id": 1, "eos_token_id": 2, "hidden_act": "silu", "hidden_size": 24,
          "initializer_range": 0.02, "intermediate_size": 40, "max_position_embeddings": 32768, "model_type": "mistral",
          "num_attention_heads": 4, "num_hidden_layers": 2, "num_key_value_heads": 2, "rms_norm_eps": 1e-05, "rope_theta": 10000.0,
          "sliding_window": 4096, "tie_word_embeddings": false, "torch_dtype": "bfloat16", "transformers_version": "4.34.0.dev0",
          "use_cache": true, "vocab_size": 53 }
        """;

    private static string Llama => """
        { "model_type": "llama", "hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 53,
          "max_position_embeddings": 1024 }
        """;

    [Fact]
    public void Published_files_read_as_what_they_are()
    {
        var qwen2 = Read(Qwen25);
        Assert.Equal(
            (true, false, false, false),
            (qwen2.HasQueryKeyValueBias, qwen2.HasAttentionOutputBias, qwen2.HasFeedForwardBias, qwen2.HasQueryKeyNorms));
        Assert.Equal((ModelFamily.Qwen2, null, 32_768, 1e6), (qwen2.Family, qwen2.Window, qwen2.MaxPositions, qwen2.RopeTheta));

        var qwen3 = Read(Qwen3);
        Assert.Equal(
            (false, false, true, 128), (qwen3.HasQueryKeyValueBias, qwen3.HasAttentionOutputBias, qwen3.HasQueryKeyNorms, qwen3.HeadDim));
        Assert.Null(qwen3.WindowOf(0));

        var mistral = Read(Mistral);
        Assert.Equal((ModelFamily.Mistral, 4_096, 4_096), (mistral.Family, mistral.WindowOf(0), mistral.ShortestWindow));
    }

    [Theory]
    [InlineData("sliding_window", "null", null)]
    [InlineData("sliding_window", "65536", null)]
    [InlineData("sliding_window", "7", 7)]
    [InlineData("sliding_window", "<absent>", 4096)]
    public void A_Mistral_s_window_is_what_its_file_says_and_4096_where_that_says_nothing(string key, string value, int? window) =>
        Assert.Equal(window, Read(With(Mistral, (key, value))).WindowOf(1));

    [Fact]
    public void A_Qwen_s_windows_are_switched_on_and_counted_by_layer()
    {
        var on = Read(With(Qwen25, ("use_sliding_window", "true"), ("sliding_window", "64"), ("max_window_layers", "1")));
        Assert.Equal((null, 64), (on.WindowOf(0), on.WindowOf(1)));
        var listed = Read(With(
            Qwen3, ("use_sliding_window", "true"), ("sliding_window", "64"),
            ("layer_types", """["sliding_attention", "full_attention"]""")));
        Assert.Equal((64, null), (listed.WindowOf(0), listed.WindowOf(1)));
        var full = Read(With(Qwen3, ("layer_types", """["full_attention", "full_attention"]""")));
        Assert.Null(full.ShortestWindow);
    }

    [Fact]
    public void LLaMA_s_own_biases_are_all_or_none()
    {
        var biased = Read(With(Llama, ("attention_bias", "true"), ("mlp_bias", "true")));
        Assert.Equal((true, true, true), (biased.HasQueryKeyValueBias, biased.HasAttentionOutputBias, biased.HasFeedForwardBias));
        var names = LlamaParameters.ShapesOf(biased).Select(shape => shape.Name).ToList();
        Assert.Contains("model.layers.1.self_attn.o_proj.bias", names);
        Assert.Contains("model.layers.0.mlp.gate_proj.bias", names);
    }

    [Theory]
    [InlineData("rope_theta", "500000", null, null, 500_000)]
    [InlineData("rope_parameters", """{"rope_type":"default","rope_theta":500000.0}""", null, null, 500_000)]
    [InlineData("rope_parameters", """{"rope_type":"default"}""", "rope_theta", "500000", 500_000)]
    [InlineData("rope_parameters", """{"rope_type":"default","rope_theta":500000.0}""", "rope_theta", "500000", 500_000)]
    [InlineData("rope_scaling", """{"type":"linear","factor":4}""", "rope_theta", "500000", 500_000)]
    [InlineData("rope_parameters", "null", null, null, 10_000)]
    public void The_base_of_rotary_positions_is_found_wherever_it_stands(
        string key, string value, string? other, string? otherValue, double theta) =>
        Assert.Equal(theta, Read(With(Llama, [(key, value), .. other is null ? [] : new[] { (other, otherValue!) }])).RopeTheta);

    [Fact]
    public void Scaling_lengthens_the_context_as_far_as_it_reaches()
    {
        Assert.Equal(4_096, Read(With(Llama, ("rope_scaling", """{"type":"linear","factor":4.0}"""))).MaxPositions);
        Assert.Equal(
            1_024,
            Read(With(Llama, ("rope_scaling", """{"type":"linear","factor":4.0,"original_max_position_embeddings":256}"""))).MaxPositions);
        var dynamic = Read(With(Llama, ("rope_scaling", """{"type":"dynamic","factor":2.0}""")));
        Assert.Equal((2_048, new RopeScaling.Dynamic(2, 1_024)), (dynamic.MaxPositions, dynamic.RopeScaling));
        var yarn = Read(With(Qwen25, ("rope_scaling", """{"type":"yarn","factor":4.0,"original_max_position_embeddings":32768}""")));
        Assert.Equal((131_072, new RopeScaling.Yarn(4, 32_768)), (yarn.MaxPositions, yarn.RopeScaling));
        var llama3 = Read(With(Llama, ("rope_scaling", """{"rope_type":"llama3","factor":32.0,"original_max_position_embeddings":512}""")));
        Assert.Equal(1_024, llama3.MaxPositions);
    }

    [Fact]
    public void Yarn_s_further_numbers_are_all_used()
    {
        var config = Read(With(Llama, ("rope_parameters", """
            {"rope_type":"yarn","rope_theta":1e6,"factor":8,"original_max_position_embeddings":256,"beta_fast":16,"beta_slow":2,
             "mscale":1.0,"mscale_all_dim":0.5,"truncate":false}
            """)));
        var yarn = Assert.IsType<RopeScaling.Yarn>(config.RopeScaling);
        Assert.Equal((8, 256, 16, 2, false), (yarn.Factor, yarn.OriginalMaxPositions, yarn.BetaFast, yarn.BetaSlow, yarn.Truncates));
        Assert.Equal(((0.1 * Math.Log(8)) + 1) / ((0.05 * Math.Log(8)) + 1), yarn.AttentionFactor, 1e-12);
    }

    [Fact]
    public void Nulls_and_what_is_known_to_change_nothing_are_passed_over()
    {
        var config = Read(With(
            Llama, ("rope_scaling", "null"), ("head_dim", "null"), ("attention_bias", "null"), ("mlp_bias", "null"), ("rope_theta", "null"),
            ("pretraining_tp", "null"), ("quantization_config", "null"), ("dtype", "\"float16\""),
            ("torch_dtype", "null"), ("anything_new", "null"),
            ("partial_rotary_factor", "1"), ("bias", "false"), ("pad_token_id", "-1"), ("_name_or_path", "\"x\"")));
        Assert.Equal((6, 10_000, TorchSharp.torch.ScalarType.Float16), (config.HeadDim, config.RopeTheta, config.WeightType));
    }

    [Fact]
    public void End_tokens_are_those_of_the_generation_s_file_where_it_names_any()
    {
        var text = With(Llama, ("bos_token_id", "1"), ("eos_token_id", "2"));
        File.WriteAllText(folder["generation_config.json"], """{ "bos_token_id": 1, "eos_token_id": [2, 30, 31], "temperature": 0.6 }""");
        Assert.Equal([2, 30, 31], Read(text).EosIds);
        File.WriteAllText(folder["generation_config.json"], """{ "temperature": 0.6 }""");
        Assert.Equal([2], Read(text).EosIds);
        File.WriteAllText(folder["generation_config.json"], """{ "eos_token_id": 53 }""");
        Assert.Contains(
            $"'{folder["generation_config.json"]}': eos_token_id is 53; it must be below vocab_size, 53.", Fault(text),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("partial_rotary_factor", "0.5", "partial_rotary_factor is 0.5; it must be 1.0, null or absent")]
    [InlineData("rope_parameters", """{"partial_rotary_factor":0.25}""", "partial_rotary_factor is 0.25")]
    [InlineData("rope_parameters", """{"full_attention":{"rope_type":"default"}}""", "the key 'full_attention'")]
    [InlineData("rope_scaling", """{"rope_type":"linear","type":"dynamic","factor":2}""", "type is 'dynamic'; it must be the same as rope_type, 'linear'")]
    [InlineData("rope_scaling", """{"type":"dynamic","factor":2,"original_max_position_embeddings":512}""", "original_max_position_embeddings is 512; it must be the same as max_position_embeddings, 1024")]
    [InlineData("rope_scaling", """{"type":"linear","factor":2,"low_freq_factor":1}""", "the key 'low_freq_factor'")]
    [InlineData("rope_scaling", """{"type":"yarn","factor":2,"attention_factor":-1}""", "attention_factor is -1; it must be positive")]
    [InlineData("rope_scaling", """{"type":"yarn","factor":2,"beta_fast":1,"beta_slow":2}""", "beta_fast is 1; it must be at least beta_slow, 2")]
    [InlineData("bias", "true", "bias is true; it must be false, null or absent")]
    [InlineData("some_new_switch", "true", "the key 'some_new_switch' (true) is not understood")]
    [InlineData("quantization_config", """{"quant_method":"gptq","bits":4}""", "quantization_config is of the method 'gptq'; it must be null or absent")]
    [InlineData("quantization_config", """{"quant_method":"awq"}""", "'awq'")]
    [InlineData("quantization_config", """{"quant_method":"fp8"}""", "'fp8'")]
    [InlineData("quantization_config", """{"quant_method":"compressed-tensors"}""", "'compressed-tensors'")]
    [InlineData("architectures", """["LlamaForSequenceClassification"]""", "architectures is 'LlamaForSequenceClassification'; it must be LlamaForCausalLM")]
    [InlineData("auto_map", """{"AutoModelForCausalLM":"modeling.X"}""", "auto_map is a program of the model's own")]
    [InlineData("sliding_window", "64", "sliding_window is 64; it must be null or absent in a llama")]
    [InlineData("layer_types", """["full_attention"]""", "layer_types is a list of 1; it must be one of num_hidden_layers, 2")]
    [InlineData("layer_types", """["full_attention","linear_attention"]""", "layer_types is a list with 'linear_attention'")]
    [InlineData("layer_types", """["full_attention","sliding_attention"]""", "layer_types is a list with sliding_attention")]
    public void What_is_not_understood_is_refused_by_name(string key, string value, string sentence)
    {
        var fault = Fault(With(Llama, (key, value)));
        Assert.Contains(sentence, fault, StringComparison.Ordinal);
        Assert.StartsWith($"'{folder["config.json"]}'", fault, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault);
    }

    [Fact]
    public void What_is_said_twice_must_be_said_alike()
    {
        var linear = ("rope_scaling", """{"type":"linear","factor":2}""");
        Assert.Equal(new RopeScaling.Linear(2), Read(With(Llama, linear, ("rope_parameters", """{"rope_theta":7.0}"""))).RopeScaling);
        Assert.Contains(
            "factor is 4", Fault(With(Llama, linear, ("rope_parameters", """{"type":"linear","factor":4}"""))), StringComparison.Ordinal);
        Assert.Contains(
            "type is 'linear'", Fault(With(Llama, linear, ("rope_parameters", """{"rope_type":"default"}"""))), StringComparison.Ordinal);
        Assert.Contains(
            "rope_theta is 7", Fault(With(Llama, ("rope_theta", "8"), ("rope_parameters", """{"rope_theta":7.0}"""))),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mlp_bias")]
    [InlineData("attention_bias")]
    public void A_switch_that_a_family_does_not_have_must_be_off(string key)
    {
        Assert.Contains($"{key} is true", Fault(With(Mistral, (key, "true"))), StringComparison.Ordinal);
        Assert.False(Read(With(Mistral, (key, "false"))).HasQueryKeyValueBias);
    }

    [Fact]
    public void A_pointer_of_git_lfs_is_named()
    {
        var fault = Fault("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 660\n");
        Assert.Contains(
            "is a pointer of git-lfs to 660 bytes, not the file itself; fetch it by 'git lfs pull'", fault, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private static string With(string json, params (string Key, string Value)[] changes)
    {
        var node = JsonNode.Parse(json)!.AsObject();
        foreach (var (key, value) in changes)
        {
            node.Remove(key);
            if (value != "<absent>")
            {
                node[key] = JsonNode.Parse(value);
            }
        }

        return node.ToJsonString();
    }

    private string Fault(string json) => Assert.Throws<ModelFormatException>(() => Read(json)).Message;

    private LlamaConfig Read(string json)
    {
        File.WriteAllText(folder["config.json"], json);
        return LlamaConfig.Read(folder["config.json"]);
    }
}
