using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace Orca.Model.Network;

/// <summary>
/// Hugging Face's config.json: every key is used, or known to change nothing, or refused by name. End tokens are those of the
/// generation_config.json beside it, where that names any, as transformers has it.
/// </summary>
internal static class LlamaConfigJson
{
    private const string GenerationConfigName = "generation_config.json";

    private static readonly ImmutableArray<(string Name, ScalarType Type)> WeightTypes =
        [("bfloat16", ScalarType.BFloat16), ("float16", ScalarType.Float16), ("float32", ScalarType.Float32)];

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static LlamaConfig Read(string path)
    {
        var json = ConfigObject.Open(path);
        var family = FamilyOf(json);
        RequirePlain(json);
        var heads = json.Integer("num_attention_heads");
        var layers = json.Integer("num_hidden_layers");
        var (theta, scaling, positions) = RotaryConfigJson.Read(json, json.Integer("max_position_embeddings", family.Positions));
        var attentionBias = Switch(json, "attention_bias", family.HasAttentionBiasSwitch || family.HasQueryKeyValueBias);
        var (window, windowedLayers) = WindowConfigJson.Read(json, family, layers, positions);
        var config = new LlamaConfig
        {
            Family = family,
            VocabularySize = json.Integer("vocab_size"),
            HiddenSize = json.Integer("hidden_size"),
            IntermediateSize = json.Integer("intermediate_size"),
            Layers = layers,
            Heads = heads,
            KvHeads = json.Integer(
                "num_key_value_heads", family.KvHeads > 0 && !json.Names("num_key_value_heads") ? family.KvHeads : heads),
            HeadDim = json.Integer("head_dim", family.HeadDim),
            HasQueryKeyValueBias = family.HasQueryKeyValueBias || attentionBias,
            HasAttentionOutputBias = attentionBias && family.HasAttentionBiasSwitch,
            HasFeedForwardBias = Switch(json, "mlp_bias", family.HasFeedForwardBiasSwitch),
            HasQueryKeyNorms = family.HasQueryKeyNorms,
            Window = window,
            WindowedLayers = windowedLayers,
            RmsNormEpsilon = json.Number("rms_norm_eps", 1e-6),
            RopeTheta = theta,
            RopeScaling = scaling,
            MaxPositions = positions,
            TiedEmbeddings = json.Boolean("tie_word_embeddings"),
            BosId = json.Integers("bos_token_id") is [var bos, ..] ? bos : null,
            EosIds = json.Integers("eos_token_id"),
            WeightType = WeightType(json),
        };
        json.RequireAllUnderstood(ConfigKeys.Harmless);
        config.Validate($"'{path}'");
        return WithEndsOf(Path.Combine(Path.GetDirectoryName(path) ?? "", GenerationConfigName), config);
    }

    public static string Write(LlamaConfig config)
    {
        var (positions, scaling) = RotaryConfigJson.Write(config);
        var json = new JsonObject
        {
            ["architectures"] = new JsonArray(config.Family.Architecture),
            ["model_type"] = config.Family.Name,
            ["vocab_size"] = config.VocabularySize,
            ["hidden_size"] = config.HiddenSize,
            ["intermediate_size"] = config.IntermediateSize,
            ["num_hidden_layers"] = config.Layers,
            ["num_attention_heads"] = config.Heads,
            ["num_key_value_heads"] = config.KvHeads,
            ["head_dim"] = config.HeadDim,
            ["hidden_act"] = "silu",
            ["rms_norm_eps"] = config.RmsNormEpsilon,
            ["rope_theta"] = config.RopeTheta,
            ["rope_scaling"] = scaling,
            ["max_position_embeddings"] = positions,
            ["tie_word_embeddings"] = config.TiedEmbeddings,
            ["bos_token_id"] = config.BosId,
            ["eos_token_id"] = EosIds(config.EosIds),
        };
        if (config.Family.HasAttentionBiasSwitch)
        {
            json["attention_bias"] = config.HasQueryKeyValueBias;
        }

        if (config.Family.HasFeedForwardBiasSwitch)
        {
            json["mlp_bias"] = config.HasFeedForwardBias;
        }

        WindowConfigJson.Write(json, config);
        foreach (var known in WeightTypes.Where(known => known.Type == config.WeightType))
        {
            json["torch_dtype"] = known.Name;
        }

        return json.ToJsonString(Indented) + "\n";
    }

    private static ModelFamily FamilyOf(ConfigObject json)
    {
        var name = json.Text("model_type") ?? ModelFamily.Llama.Name;
        var family = ModelFamily.Find(name) ?? throw json.Fault("model_type", $"'{name}'", ModelFamily.Names);

        // Early files spell it LLaMAForCausalLM.
        var architectures = json.Texts("architectures");
        return architectures is null or [] || architectures.Value.Contains(family.Architecture, StringComparer.OrdinalIgnoreCase)
            ? family
            : throw json.Fault(
                "architectures", $"'{string.Join("', '", architectures.Value)}'",
                $"{family.Architecture}, a model that gives the next token");
    }

    private static void RequirePlain(ConfigObject json)
    {
        if (json.Text("hidden_act") is { } activation and not ("silu" or "swish"))
        {
            throw json.Fault("hidden_act", $"'{activation}'", "silu");
        }

        if (json.Child("quantization_config") is { } quantization)
        {
            throw json.Fault(
                "quantization_config", $"of the method '{quantization.Text("quant_method") ?? "unnamed"}'",
                "null or absent: such weights are not read; use the model before it was quantised, or a GGUF file of it");
        }

        // What a program beside the weights computes, nobody knows but the program.
        if (json.Child("auto_map") is { } map && map.Names("AutoModelForCausalLM"))
        {
            throw json.Fault(
                "auto_map", "a program of the model's own",
                "absent; take it out if the program computes what transformers' class of its model_type does");
        }

        foreach (var (key, value) in ConfigKeys.Neutral)
        {
            json.RequireNeutral(key, value);
        }
    }

    // A switch that a family does not have must be off.
    private static bool Switch(ConfigObject json, string key, bool isKnown)
    {
        if (!isKnown)
        {
            json.RequireNeutral(key, "false");
        }

        return json.Boolean(key);
    }

    private static LlamaConfig WithEndsOf(string path, LlamaConfig config)
    {
        if (!File.Exists(path))
        {
            return config;
        }

        var json = ConfigObject.Open(path);
        var ends = json.Integers("eos_token_id");
        var combined = config with
        {
            EosIds = ends.IsEmpty ? config.EosIds : ends,
            BosId = config.BosId ?? (json.Integers("bos_token_id") is [var bos, ..] ? bos : null),
        };
        combined.Validate($"'{path}'");
        return combined;
    }

    private static JsonNode? EosIds(ImmutableArray<int> ids) => ids switch
    {
        [] => null,
        [var only] => only,
        _ => new JsonArray([.. ids.Select(id => (JsonNode)id)]),
    };

    private static ScalarType? WeightType(ConfigObject json)
    {
        var (older, newer) = (json.Text("torch_dtype"), json.Text("dtype"));
        foreach (var known in WeightTypes)
        {
            if (known.Name == (older ?? newer))
            {
                return known.Type;
            }
        }

        return null;
    }
}
