using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace Orca.Model.Network;

/// <summary>Hugging Face's config.json, read strictly where it decides the network and leniently elsewhere.</summary>
internal static class LlamaConfigJson
{
    private static readonly ImmutableArray<(string Name, ScalarType Type)> WeightTypes =
        [("bfloat16", ScalarType.BFloat16), ("float16", ScalarType.Float16), ("float32", ScalarType.Float32)];

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static LlamaConfig Read(string path)
    {
        var json = ConfigObject.Open(path);
        json.RequireText("model_type", "llama", "only the LLaMA family is supported");
        json.RequireText("hidden_act", "silu", "only silu feed-forward layers are supported");
        json.RequireFalse("attention_bias");
        json.RequireFalse("mlp_bias");

        var heads = json.Integer("num_attention_heads");
        var config = new LlamaConfig
        {
            VocabularySize = json.Integer("vocab_size"),
            HiddenSize = json.Integer("hidden_size"),
            IntermediateSize = json.Integer("intermediate_size"),
            Layers = json.Integer("num_hidden_layers"),
            Heads = heads,
            KvHeads = json.Integer("num_key_value_heads", heads),
            HeadDim = json.Integer("head_dim", 0),
            RmsNormEpsilon = json.Number("rms_norm_eps", 1e-6),
            RopeTheta = json.Child("rope_parameters")?.Number("rope_theta", 10_000) ?? json.Number("rope_theta", 10_000),
            RopeScaling = Scaling(json.Child("rope_parameters") ?? json.Child("rope_scaling")),
            MaxPositions = json.Integer("max_position_embeddings", 2048),
            TiedEmbeddings = json.Boolean("tie_word_embeddings"),
            BosId = json.Integers("bos_token_id") is [var bos, ..] ? bos : null,
            EosIds = json.Integers("eos_token_id"),
            WeightType = WeightType(json.Text("torch_dtype") ?? json.Text("dtype")),
        };
        config.Validate($"'{path}'");
        return config;
    }

    public static string Write(LlamaConfig config)
    {
        var json = new JsonObject
        {
            ["architectures"] = new JsonArray("LlamaForCausalLM"),
            ["model_type"] = "llama",
            ["vocab_size"] = config.VocabularySize,
            ["hidden_size"] = config.HiddenSize,
            ["intermediate_size"] = config.IntermediateSize,
            ["num_hidden_layers"] = config.Layers,
            ["num_attention_heads"] = config.Heads,
            ["num_key_value_heads"] = config.KvHeads,
            ["head_dim"] = config.HeadDim,
            ["hidden_act"] = "silu",
            ["attention_bias"] = false,
            ["mlp_bias"] = false,
            ["rms_norm_eps"] = config.RmsNormEpsilon,
            ["rope_theta"] = config.RopeTheta,
            ["rope_scaling"] = Scaling(config.RopeScaling),
            ["max_position_embeddings"] = config.MaxPositions,
            ["tie_word_embeddings"] = config.TiedEmbeddings,
            ["bos_token_id"] = config.BosId,
            ["eos_token_id"] = EosIds(config.EosIds),
        };
        foreach (var known in WeightTypes.Where(known => known.Type == config.WeightType))
        {
            json["torch_dtype"] = known.Name;
        }

        return json.ToJsonString(Indented) + "\n";
    }

    private static RopeScaling? Scaling(ConfigObject? json)
    {
        if (json is null)
        {
            return null;
        }

        var type = json.Text("rope_type") ?? json.Text("type") ?? "default";
        return type switch
        {
            "default" => null,
            "linear" => new RopeScaling.Linear(Factor(json)),
            "dynamic" => new RopeScaling.Dynamic(Factor(json)),
            "llama3" => Llama3(json),
            _ => throw json.Fault("rope_type", $"'{type}'", "default, linear, dynamic or llama3"),
        };
    }

    private static RopeScaling.Llama3 Llama3(ConfigObject json)
    {
        var low = json.Number("low_freq_factor", 1);
        var high = json.Number("high_freq_factor", 4);
        var original = json.Integer("original_max_position_embeddings");
        if (!(high > low))
        {
            throw json.Fault("high_freq_factor", high, $"above low_freq_factor, {low}");
        }

        return original > 0
            ? new RopeScaling.Llama3(Factor(json), low, high, original)
            : throw json.Fault("original_max_position_embeddings", original, "positive");
    }

    private static double Factor(ConfigObject json)
    {
        var factor = json.Number("factor");
        return factor >= 1 ? factor : throw json.Fault("factor", factor, "at least 1");
    }

    private static JsonObject? Scaling(RopeScaling? scaling)
    {
        if (scaling is null)
        {
            return null;
        }

        var json = new JsonObject { ["rope_type"] = scaling.Name };
        switch (scaling)
        {
            case RopeScaling.Linear linear:
                json["factor"] = linear.Factor;
                break;
            case RopeScaling.Dynamic dynamic:
                json["factor"] = dynamic.Factor;
                break;
            case RopeScaling.Llama3 llama3:
                json["factor"] = llama3.Factor;
                json["low_freq_factor"] = llama3.LowFrequencyFactor;
                json["high_freq_factor"] = llama3.HighFrequencyFactor;
                json["original_max_position_embeddings"] = llama3.OriginalMaxPositions;
                break;
        }

        return json;
    }

    private static JsonNode? EosIds(ImmutableArray<int> ids) => ids switch
    {
        [] => null,
        [var only] => only,
        _ => new JsonArray([.. ids.Select(id => (JsonNode)id)]),
    };

    private static ScalarType? WeightType(string? name)
    {
        foreach (var known in WeightTypes)
        {
            if (known.Name == name)
            {
                return known.Type;
            }
        }

        return null;
    }
}
