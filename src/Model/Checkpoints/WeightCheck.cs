using System.Text.RegularExpressions;
using Orca.Model.Network;
using Orca.Model.Weights;

namespace Orca.Model.Checkpoints;

/// <summary>Compares a model's weights with what its configuration calls for: none may be missing, and none be left that counts.</summary>
/// <param name="folder">What messages call the model.</param>
/// <param name="configuration">What they call its configuration.</param>
internal sealed partial class WeightCheck(string folder, string configuration)
{
    // Of a GGUF file every type that is read will do: others are refused when its header is.
    private static readonly string[] SafetensorsTypes = ["BF16", "F16", "F32", "F64"];

    /// <summary>Throws where they do not fit together.</summary>
    /// <exception cref="ModelFormatException">
    /// A weight is missing, of another shape or type, or not understood; the message names it.
    /// </exception>
    public void Require(LlamaConfig config, IModelWeights weights)
    {
        var wanted = LlamaParameters.ShapesOf(config);
        foreach (var weight in wanted)
        {
            if (!weights.Contains(weight.Name))
            {
                throw Missing(weight.Name, config, weights);
            }

            var found = weights.Shape(weight.Name);
            if (!found.SequenceEqual(weight.Shape))
            {
                throw new ModelFormatException(
                    $"'{folder}': weight '{weight.Name}' is [{string.Join(", ", found)}]; {configuration} needs "
                        + $"[{string.Join(", ", weight.Shape)}].");
            }
        }

        // First what else there is: it tells best what a model with strange types is.
        var known = wanted.Select(weight => weight.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in weights.Names.Where(name => !known.Contains(name)))
        {
            RequireHarmless(name, config, weights);
        }

        foreach (var weight in wanted)
        {
            var type = weights.DtypeName(weight.Name);
            if (!SafetensorsTypes.Contains(type) && !Enum.TryParse<WeightEncoding>(type, out _))
            {
                throw new ModelFormatException(
                    $"'{folder}': weight '{weight.Name}' has dtype {type}; it must be one of {string.Join(", ", SafetensorsTypes)}.");
            }
        }
    }

    private ModelFormatException Missing(string name, LlamaConfig config, IModelWeights weights) => new(
        $"'{folder}': the weights lack '{name}', which {configuration} calls for" + (
            name == LlamaParameters.HeadName ? "; where the output is the embedding itself, say \"tie_word_embeddings\": true there."
            : name.EndsWith("o_proj.bias", StringComparison.Ordinal) && config.Family == ModelFamily.Llama
                ? "; where queries, keys and values alone have a bias, say \"model_type\": \"qwen2\" and \"architectures\": "
                    + "[\"Qwen2ForCausalLM\"] there."
            : weights.Names.Any(found => found.EndsWith(".qweight", StringComparison.Ordinal)) ? "; they are quantised in a way that is "
                + "not read, use the model before it was."
            : "."));

    private void RequireHarmless(string name, LlamaConfig config, IModelWeights weights)
    {
        var shape = weights.Shape(name);
        if (shape.Contains(0) || Derived().IsMatch(name) || (name == LlamaParameters.HeadName && config.TiedEmbeddings && IsEmbedding(config, weights)))
        {
            return;
        }

        throw new ModelFormatException(
            $"'{folder}' has the weight '{Shortened(name)}' ({weights.DtypeName(name)} [{string.Join(", ", shape)}]), "
                + $"{Meaning(name, config)}; "
            + "without it the model would answer from other numbers than its own, so it is refused.");
    }

    private static string Meaning(string name, LlamaConfig config) =>
        name == LlamaParameters.HeadName ? "another matrix than the embedding, though tie_word_embeddings says that they are one"
        : Scale().IsMatch(name) ? "a part of weights that were quantised in a way that is not read"
        : name.EndsWith("_proj.bias", StringComparison.Ordinal)
            ? $"a bias that a {config.Family} of this configuration does not have (attention_bias and mlp_bias say it of a llama or "
                + "qwen3; a qwen2 has it for queries, keys and values)"
        : name.EndsWith("q_norm.weight", StringComparison.Ordinal) || name.EndsWith("k_norm.weight", StringComparison.Ordinal)
            ? $"a norm that a {config.Family} does not have (a qwen3 has it)"
        : name.Contains("lora_", StringComparison.Ordinal) ? "a part of an adapter that is not merged into the model"
        : $"which a {config.Family} of this configuration does not have";

    // Some files keep a copy of the embedding as output, though they are one.
    private static bool IsEmbedding(LlamaConfig config, IModelWeights weights)
    {
        if (!weights.Shape(LlamaParameters.HeadName).SequenceEqual(weights.Shape(LlamaParameters.EmbeddingName)))
        {
            return false;
        }

        var (head, embedding) = (weights.Rows(LlamaParameters.HeadName), weights.Rows(LlamaParameters.EmbeddingName));
        var same = head.Encoding == embedding.Encoding
            && Enumerable.Range(0, config.VocabularySize).All(row => head.Row(row).SequenceEqual(embedding.Row(row)));
        weights.Release(LlamaParameters.HeadName);
        weights.Release(LlamaParameters.EmbeddingName);
        return same;
    }

    private static string Shortened(string name) => name.Length <= 120 ? name : name[..120] + "…";

    // What is computed from the configuration anyway: rotary frequencies and tables, positions, masks.
    [GeneratedRegex(@"(^|\.)(rotary_emb\.(inv_freq|cos_cached|sin_cached)|position_ids|attention\.masked_bias)$")]
    private static partial Regex Derived();

    [GeneratedRegex(@"(_scale|_scales|scale_inv|_zero_point|qzeros|qweight|g_idx|weight_packed|weight_shape|absmax|quant_map|quant_state.*|SCB)$")]
    private static partial Regex Scale();
}
