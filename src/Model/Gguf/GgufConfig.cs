using System.Collections.Frozen;
using System.Globalization;
using Orca.Model.Network;
using Orca.Model.Weights;
using static TorchSharp.torch;

namespace Orca.Model.Gguf;

/// <summary>
/// Reads a model's shape from the metadata of a GGUF file. What would change the network and is not supported is refused.
/// </summary>
internal static class GgufConfig
{
    /// <summary>
    /// Keys of an architecture that are read here or in <see cref="GgufRotary"/>, and those that change nothing: where the file
    /// came from, and what a model that gives vectors rather than tokens would do with its last hidden states.
    /// </summary>
    private static readonly FrozenSet<string> Known = FrozenSet.Create(
        StringComparer.Ordinal,
        "vocab_size", "context_length", "embedding_length", "feed_forward_length", "block_count",
        "attention.head_count", "attention.head_count_kv",
        "attention.key_length", "attention.value_length", "attention.layer_norm_rms_epsilon",
        "attention.sliding_window", "rope.dimension_count",
        "rope.freq_base", "rope.scale_linear", "rope.scaling.type", "rope.scaling.factor", "rope.scaling.original_context_length",
        "rope.scaling.attn_factor", "rope.scaling.finetuned", "rope.scaling.yarn_ext_factor", "rope.scaling.yarn_attn_factor",
        "rope.scaling.yarn_beta_fast", "rope.scaling.yarn_beta_slow", "rope.scaling.yarn_log_multiplier",
        "tensor_data_layout", "pooling_type");

    /// <summary>The shape of the file's model.</summary>
    /// <exception cref="ModelFormatException">
    /// It is of another architecture, or not supported, or a value is missing or out of range.
    /// </exception>
    public static LlamaConfig Read(GgufFile file)
    {
        var metadata = file.Metadata;
        var family = FamilyOf(file);
        var heads = Required(file, "attention.head_count");
        var vocabulary = Integer(file, "vocab_size") ?? EmbeddingRows(file);
        var config = new LlamaConfig
        {
            VocabularySize = vocabulary,
            HiddenSize = Required(file, "embedding_length"),
            IntermediateSize = Required(file, "feed_forward_length"),
            Layers = Required(file, "block_count"),
            Heads = heads,
            KvHeads = Integer(file, "attention.head_count_kv") ?? heads,
            HeadDim = Integer(file, "attention.key_length") ?? 0,
            RmsNormEpsilon = Rounded(metadata.Number(family.Name + ".attention.layer_norm_rms_epsilon"))
                ?? throw metadata.Fault(family.Name + ".attention.layer_norm_rms_epsilon", "is missing"),
            RopeTheta = metadata.Number(family.Name + ".rope.freq_base") ?? 10_000,
            MaxPositions = Required(file, "context_length"),
            TiedEmbeddings = !file.Tensors.ContainsKey(GgufNames.Output),
            BosId = TokenId(file, vocabulary, "bos"),
            EosIds = [.. new[] { "eos", "eot", "eom" }.Select(name => TokenId(file, vocabulary, name)).OfType<int>().Distinct()],
            WeightType = WeightType(file),
        };
        config = WithFacts(file, family, config);
        config.Validate(file.Source);
        RequireWholeHeads(file, config);
        return config with { RopeScaling = GgufRotary.Scaling(file, family, config) };
    }

    private static GgufFamily FamilyOf(GgufFile file)
    {
        var architecture = file.Metadata.Text("general.architecture") ?? "";
        var family = GgufFamily.Find(architecture)
            ?? throw file.Metadata.Fault("general.architecture", $"is {GgufFile.Quoted(architecture)}; supported are {GgufFamily.Names}");
        var prefix = Key(family, "");
        foreach (var key in file.Metadata.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal) && !Known.Contains(key[prefix.Length..])))
        {
            RequireNothing(file.Metadata, key, key[prefix.Length..]);
        }

        return family;
    }

    // What is not known may say 0 or no, or that tokens see those before them.
    private static void RequireNothing(GgufMetadata metadata, string key, string name)
    {
        if (!(metadata.IsFlag(key) ? metadata.Flag(key) == (name == "attention.causal") : metadata.IsNumber(key) && metadata.Number(key) == 0))
        {
            throw metadata.Fault(key, name.StartsWith("expert", StringComparison.Ordinal)
                ? "is above 0; mixtures of experts are not supported"
                : "is not understood, so what it changes in the network would be lost; use a file without it");
        }
    }

    // What the metadata leaves to the tensors, as llama.cpp does.
    private static LlamaConfig WithFacts(GgufFile file, GgufFamily family, LlamaConfig config)
    {
        var window = Integer(file, "attention.sliding_window") is > 0 and var stated && stated < config.MaxPositions ? stated : (int?)null;
        var hasBias = family == GgufFamily.Qwen2 || file.Tensors.ContainsKey("blk.0.attn_q.bias");
        var hasOutputBias = file.Tensors.ContainsKey("blk.0.attn_output.bias");
        var hasFeedForwardBias = family.MayHaveBiases && file.Tensors.ContainsKey("blk.0.ffn_gate.bias");
        var named = family == GgufFamily.Qwen3 ? ModelFamily.Qwen3
            : family == GgufFamily.Qwen2 || (hasBias && !hasOutputBias) ? ModelFamily.Qwen2
            : window is not null ? ModelFamily.Mistral
            : ModelFamily.Llama;
        return config with
        {
            Family = named,
            HasQueryKeyNorms = family == GgufFamily.Qwen3,
            HasQueryKeyValueBias = hasBias,
            HasAttentionOutputBias = hasOutputBias && named.HasAttentionBiasSwitch,
            HasFeedForwardBias = hasFeedForwardBias,
            Window = window,
        };
    }

    private static void RequireWholeHeads(GgufFile file, LlamaConfig config)
    {
        foreach (var key in new[] { "attention.value_length", "rope.dimension_count" })
        {
            if (Integer(file, key) is { } found && found != config.HeadDim)
            {
                throw file.Metadata.Fault(Key(file, key), FormattableString.Invariant($"is {found}; only models in which it is the width of a head, {config.HeadDim}, are supported"));
            }
        }
    }

    // 1e-5 is stored as a float: as a double it would read 9.999999747378752e-06.
    private static double? Rounded(double? value) => value is { } found
        ? double.Parse(((float)found).ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
        : null;

    private static int Required(GgufFile file, string key) => Integer(file, key) ?? throw file.Metadata.Fault(Key(file, key), "is missing");

    private static string Key(GgufFamily family, string key) => $"{family.Name}.{key}";

    private static string Key(GgufFile file, string key) => $"{file.Metadata.Text("general.architecture")}.{key}";

    private static int? Integer(GgufFile file, string key) => file.Metadata.Integer(Key(file, key)) is not { } found ? null
        : found is >= 0 and <= int.MaxValue ? (int)found
        : throw file.Metadata.Fault(Key(file, key), FormattableString.Invariant($"is {found}; it must be from 0 to {int.MaxValue}"));

    private static int EmbeddingRows(GgufFile file) =>
        file.Tensors.TryGetValue(GgufNames.Embedding, out var embedding) && embedding.Shape[0] <= int.MaxValue
        ? (int)embedding.Shape[0]
        : throw new ModelFormatException($"{file.Source} has no tensor '{GgufNames.Embedding}'; it holds no model.");

    // Files name tokens beyond the vocabulary to say that there are none.
    private static int? TokenId(GgufFile file, int vocabulary, string name) =>
        file.Metadata.Integer($"tokenizer.ggml.{name}_token_id") is { } id && id >= 0 && id < vocabulary ? (int)id : null;

    private static ScalarType? WeightType(GgufFile file) => file.Tensors.TryGetValue(GgufNames.Embedding, out var embedding)
        ? embedding.Encoding switch
        {
            WeightEncoding.F32 => ScalarType.Float32,
            WeightEncoding.F16 => ScalarType.Float16,
            WeightEncoding.BF16 => ScalarType.BFloat16,
            _ => null,
        }
        : null;
}
